using DeeperThings.Models.Darknet;
using DeeperThings.Tensors;

namespace DeeperThings.Models.Tests;

/// <summary>Darknet's own cfg files, against what Darknet itself makes of them.</summary>
public class DebianNetworks
{
    /// <summary>Layers, size of the weights file that Darknet saves, outputs of the last layer, and shape of the last map, by Debian's Darknet.</summary>
    [Theory]
    [InlineData("alexnet", 14, 249513396, 1000, 1000, 1, 1)]
    [InlineData("vgg-16", 25, 553430196, 1000, 1000, 1, 1)]
    [InlineData("vgg-conv", 18, 58858772, 25088, 512, 7, 7)]
    [InlineData("extraction", 27, 93821620, 1000, 1000, 1, 1)]
    [InlineData("tiny", 22, 4185972, 1000, 1000, 1, 1)]
    [InlineData("darknet19", 26, 83427124, 1000, 1000, 1, 1)]
    [InlineData("darknet19_448", 26, 83427124, 1000, 1000, 1, 1)]
    [InlineData("darknet53", 78, 166582580, 1000, 1000, 1, 1)]
    [InlineData("darknet53_448", 78, 166582580, 1000, 1000, 1, 1)]
    [InlineData("yolov2", 32, 203934264, 153425, 425, 19, 19)]
    [InlineData("yolov2-voc", 32, 202704264, 21125, 125, 13, 13)]
    [InlineData("yolov2-tiny", 16, 44948600, 71825, 425, 13, 13)]
    [InlineData("yolov3", 107, 248007048, 1472880, 255, 76, 76)]
    [InlineData("yolov3-voc", 107, 246714648, 202800, 75, 52, 52)]
    [InlineData("yolov3-openimages", 107, 259229388, 10500768, 1818, 76, 76)]
    [InlineData("yolov3-tiny", 24, 35434956, 172380, 255, 26, 26)]
    [InlineData("yolov3-spp", 114, 252209544, 1472880, 255, 76, 76)]
    [InlineData("resnet18", 29, 46094004, 1000, 1000, 1, 1)]
    [InlineData("resnet34", 53, 86556340, 1000, 1000, 1, 1)]
    [InlineData("resnet50", 69, 91303604, 1000, 1000, 1, 1)]
    [InlineData("resnet101", 138, 167481012, 1000, 1000, 1, 1)]
    [InlineData("resnet152", 205, 230239924, 1000, 1000, 1, 1)]
    [InlineData("resnext50", 69, 89251508, 1000, 1000, 1, 1)]
    [InlineData("resnext101-32x4d", 137, 166556852, 1000, 1000, 1, 1)]
    [InlineData("resnext152-32x4d", 205, 226923700, 1000, 1000, 1, 1)]
    [InlineData("densenet201", 305, 68825780, 1000, 1000, 1, 1)]
    [InlineData("yolov1-tiny", 16, 108399820, 1470, 1470, 1, 1)]
    [InlineData("yolov1", 32, 789312992, 1715, 1715, 1, 1)]
    public void Layers_parameters_and_outputs_are_Darknets(string name, int layers, long weightsBytes, long outputs, int channels, int rows, int columns)
    {
        Network network = DarknetNetwork.Load(TestFiles.Debian(name));
        Assert.Equal(name, network.Name);
        Assert.Equal(layers, network.Layers.Length);
        Assert.Equal((weightsBytes - 20) / 4, network.TotalParameters);
        Assert.Equal(outputs, network.Layers[^1].Output.Count);
        Assert.Equal(new Shape(channels, rows, columns), network.Layers[^1].Output);
    }

    /// <summary>Published with the models (pjreddie.com), in 10^9 operations of the convolutions.</summary>
    [Theory]
    [InlineData("yolov2", 62.94)]
    [InlineData("yolov3-tiny", 5.56)]
    [InlineData("yolov3", 140.69)]
    [InlineData("yolov3-spp", 141.45)]
    [InlineData("darknet19", 7.29)]
    [InlineData("darknet53", 18.57)]
    [InlineData("vgg-16", 30.69)]
    [InlineData("resnet50", 9.74)]
    [InlineData("densenet201", 10.85)]
    public void Operations_are_the_published_ones(string name, double billions)
    {
        Network network = DarknetNetwork.Load(TestFiles.Debian(name));
        double ours = network.Layers.OfType<Convolution>().Sum(layer => layer.TotalFlops) / 1e9;
        Assert.InRange(ours, billions - 0.01, billions + 0.01);
    }

    [Theory]
    [InlineData("yolov3", new[] { 81, 93, 105 })]
    [InlineData("yolov3-tiny", new[] { 15, 22 })]
    [InlineData("resnet50", new[] { 67 })]
    [InlineData("yolov2", new[] { 30 })]
    public void Heads_and_last_layers_are_where_they_are_expected(string name, int[] beforeHeads)
    {
        Network network = DarknetNetwork.Load(TestFiles.Debian(name));
        Assert.Equal(beforeHeads, network.Outputs.Select(output => network.Layers[output].Inputs[0]));
    }

    [Fact]
    public void Anchors_of_a_mask_are_picked()
    {
        Network network = DarknetNetwork.Load(TestFiles.Debian("yolov3"));
        Assert.Equal([(116f, 90f), (156f, 198f), (373f, 326f)], Assert.IsType<YoloHead>(network.Layers[82]).Anchors);
        Assert.Equal([(10f, 13f), (16f, 30f), (33f, 23f)], Assert.IsType<YoloHead>(network.Layers[106]).Anchors);
    }

    [Theory]
    [InlineData("darknet9000", "tree")]
    [InlineData("yolo9000", "tree")]
    [InlineData("gru", "[net]")]
    [InlineData("rnn", "[net]")]
    public void What_is_not_supported_is_refused_in_one_line(string name, string what)
    {
        string message = Assert.Throws<ModelException>(() => DarknetNetwork.Load(TestFiles.Debian(name))).Message;
        Assert.Contains(what, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Every_installed_file_is_a_network_or_one_line()
    {
        TestFiles.Debian("yolov3");
        foreach (string path in Directory.GetFiles(TestFiles.DebianFolder, "*.cfg"))
        {
            try
            {
                DarknetNetwork.Load(path);
            }
            catch (ModelException exception)
            {
                Assert.StartsWith(path + ":", exception.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', exception.Message);
            }
        }
    }
}
