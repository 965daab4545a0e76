using System.Diagnostics;
using System.Security.Cryptography;
using DeeperThings.Models.Darknet;
using DeeperThings.Tensors;

namespace DeeperThings.Models.Tests;

public class DarknetWeightsWriterTests
{
    // Also with DOTNET_EnableHWIntrinsic=0.
    private const string ExpectedDigest = "2c5a60effe4c021582c2030bd6efad1e41ccf82ad8af226390b739a75126a4a8";

    private const string Layers = "[conv]\nfilters=8\nsize=3\npad=1\nbatch_normalize=1\nactivation=leaky\n[connected]\noutput=2000\nbatch_normalize=1\nactivation=relu";

    [Fact]
    public void A_seed_gives_the_same_file_on_every_platform()
    {
        using var files = new TestFiles();
        (_, string path) = files.LoadWithWeights(Layers, seed: 5);
        Assert.Equal(ExpectedDigest, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))));
    }

    [Fact]
    public void Another_seed_gives_another_file()
    {
        using var files = new TestFiles();
        (Network network, string path) = files.LoadWithWeights(Layers, seed: 5);
        byte[] five = File.ReadAllBytes(path);
        DarknetWeightsWriter.Initialize(network, 6, path);
        Assert.NotEqual(five, File.ReadAllBytes(path));
        DarknetWeightsWriter.Initialize(network, 5, path);
        Assert.Equal(five, File.ReadAllBytes(path));
    }

    [Fact]
    public void Weights_follow_Hes_rule_and_batch_norm_is_near_identity()
    {
        using var files = new TestFiles();
        (Network network, string path) = files.LoadWithWeights("[connected]\noutput=2000\nactivation=relu\n[connected]\noutput=1000\nbatch_normalize=1\nactivation=relu");
        using DarknetWeights weights = DarknetWeights.Open(path, network);
        var layer = (WeightedLayer)network.Layers[1];
        float[] filter = new float[2000];
        var moments = new double[5];
        for (int f = 0; f < 1000; f++)
        {
            weights.ReadFilter(layer, f, Interval.All(2000), filter);
            foreach (float weight in filter)
            {
                moments[1] += weight;
                moments[2] += (double)weight * weight;
                moments[4] += Math.Pow(weight, 4);
            }
        }

        double variance = moments[2] / 2e6;
        Assert.InRange(moments[1] / 2e6, -1e-4, 1e-4);

        // 2 / fan-in, times the batch-norm factors' mean square.
        Assert.InRange(variance * 2000 / 2, 0.98, 1.03);

        // A normal distribution has 3; the sum of eight uniform values 2.85.
        Assert.InRange(moments[4] / 2e6 / (variance * variance), 2.8, 3.0);
    }

    [Fact]
    public void Progress_ends_at_one_and_no_other_file_stays()
    {
        using var files = new TestFiles();
        Network network = files.Load(Layers);
        var progress = new Recorder();
        DarknetWeightsWriter.Initialize(network, 1, files.At("net.weights"), progress);
        Assert.Equal(network.Layers.Length, progress.Values.Count);
        Assert.Equal(1, progress.Values[^1]);
        Assert.Equal(["net.cfg", "net.weights"], Directory.GetFiles(files.Folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void What_fails_leaves_nothing_behind()
    {
        using var files = new TestFiles();
        Network network = files.Load(Layers);
        Assert.Throws<InvalidTimeZoneException>(() => DarknetWeightsWriter.Initialize(network, 1, files.At("net.weights"), new Thrower()));
        Assert.Equal(["net.cfg"], Directory.GetFiles(files.Folder).Select(Path.GetFileName));
        string nowhere = files.At("no/net.weights");
        Assert.Equal($"{nowhere}: cannot be written: no such folder", Assert.Throws<IOException>(() => DarknetWeightsWriter.Initialize(network, 1, nowhere)).Message);
    }

    [Fact]
    public void Sixty_two_million_parameters_take_seconds()
    {
        using var files = new TestFiles();
        Network network = DarknetNetwork.Load(TestFiles.Debian("yolov3"));
        var watch = Stopwatch.StartNew();
        DarknetWeightsWriter.Initialize(network, 1, files.At("net.weights"));
        TestContext.Current.SendDiagnosticMessage($"yolov3 weights in {watch.Elapsed.TotalSeconds:F2} s");
        Assert.Equal(248_007_048, new FileInfo(files.At("net.weights")).Length);

        // A second where the machine is free; the limit is for a busy one.
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 20);
    }

    private sealed class Recorder : IProgress<double>
    {
        public List<double> Values { get; } = [];

        public void Report(double value) => Values.Add(value);
    }

    private sealed class Thrower : IProgress<double>
    {
        public void Report(double value) => throw new InvalidTimeZoneException();
    }
}
