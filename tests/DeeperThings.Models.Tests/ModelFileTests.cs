using DeeperThings.Models.Darknet;
using DeeperThings.Tensors;

namespace DeeperThings.Models.Tests;

public class ModelFileTests
{
    private const string Cfg = "[net]\nwidth=4\nheight=4\nchannels=1\n[connected]\noutput=3\n";

    [Fact]
    public void Weights_and_names_of_the_same_stem_belong_to_a_model()
    {
        using var files = new TestFiles();
        string path = files.Write("a.b.cfg", Cfg);
        ModelFile bare = ModelFile.Open(path);
        Assert.Equal(("a.b", files.At("a.b.weights"), false), (bare.Network.Name, bare.WeightsPath, bare.HasWeights));
        Assert.Empty(bare.ClassNames);
        Assert.Throws<ModelException>(bare.OpenWeights);

        files.Write("a.b.names", "stop\ngive way\r\nänderung\n\n");
        DarknetWeightsWriter.Initialize(bare.Network, 1, bare.WeightsPath);
        ModelFile model = ModelFile.Open(path);
        Assert.True(model.HasWeights);
        Assert.Equal(["stop", "give way", "änderung"], model.ClassNames);
        using IWeightSource weights = model.OpenWeights();
        Assert.Equal(64, weights.HeaderDigest.Length);
    }

    [Fact]
    public void The_words_float16_and_float32_stand_for_the_files_beside_the_model()
    {
        using var files = new TestFiles();
        string path = files.Write("a.b.cfg", Cfg);
        Assert.Equal((files.At("a.b.float16.weights"), ElementType.Float16), (ModelFile.Open(path, "float16").WeightsPath, ModelFile.Open(path, "float16").WeightType));
        Assert.Equal((files.At("a.b.weights"), ElementType.Float32), (ModelFile.Open(path, "float32").WeightsPath, ModelFile.Open(path, "float32").WeightType));

        ModelFile model = ModelFile.Open(path);
        DarknetWeightsWriter.Initialize(model.Network, 1, model.WeightsPath);
        using IWeightSource weights = model.OpenWeights();
        Float16Weights.Write(model.Network, weights, files.At("half"));
        Assert.Equal(ElementType.Float16, ModelFile.Open(path, files.At("half")).WeightType);
        Assert.Equal(ElementType.Float32, ModelFile.Open(path, model.WeightsPath).WeightType);
    }

    [Fact]
    public void Other_weights_can_be_named()
    {
        using var files = new TestFiles();
        Assert.Equal("/x/y.weights", ModelFile.Open(files.Write("net.cfg", Cfg), "/x/y.weights").WeightsPath);
    }

    [Fact]
    public void Too_few_names_are_refused()
    {
        using var files = new TestFiles();
        string path = files.Write("net.cfg", Cfg);
        files.Write("net.names", "a\nb\n");
        Assert.Equal($"{files.At("net.names")}: 2 names; net has 3 classes", Assert.Throws<ModelException>(() => ModelFile.Open(path)).Message);
    }

    [Fact]
    public void Another_kind_of_model_is_refused() =>
        Assert.Equal("a.pb: not a known kind of model; a .cfg file is allowed", Assert.Throws<ModelException>(() => ModelFile.Open("a.pb")).Message);
}
