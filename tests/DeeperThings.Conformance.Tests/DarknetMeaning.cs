using DeeperThings.Models;
using DeeperThings.Models.Darknet;

namespace DeeperThings.Conformance.Tests;

/// <summary>What the importer takes from odd cfg files, evaluated naively, is what Darknet computes.</summary>
public class DarknetMeaning
{
    private const string Conv = "[convolutional]\nfilters=8\nsize=3\npad=1\nactivation=leaky\n";

    private static readonly Dictionary<string, string> s_cases = new()
    {
        ["default-activation"] = "[conv]\nfilters=4\nsize=3\n[connected]\noutput=5\n",
        ["conv-padding"] = "[convolutional]\nfilters=4\nsize=5\nstride=3\npadding=1\nactivation=relu\nbatch_normalize=1\n[conv]\nfilters=3\nsize=4\npad=1\nactivation=linear",
        ["conv-groups"] = "[convolutional]\nfilters=8\nsize=3\nstride=2\npad=1\nactivation=leaky\n[convolutional]\nfilters=12\nsize=3\ngroups=4\npad=1\nactivation=leaky\nbatch_normalize=1",
        ["maxpool-2-2"] = Conv + "[maxpool]\nsize=2\nstride=2",
        ["maxpool-3-2"] = Conv + "[maxpool]\nsize=3\nstride=2",
        ["maxpool-2-1"] = Conv + "[maxpool]\nsize=2\nstride=1",
        ["maxpool-4-3"] = Conv + "[max]\nsize=4\nstride=3",
        ["maxpool-5-1"] = Conv + "[max]\nsize=5\nstride=1",
        ["maxpool-stride-only"] = Conv + "[maxpool]\nstride=3",
        ["maxpool-padding"] = Conv + "[maxpool]\nsize=3\nstride=2\npadding=0\n[maxpool]\nsize=3\nstride=1\npadding=1",
        ["avgpool"] = Conv + "[avgpool]\n[softmax]\ngroups=2\ntemperature=2.5",
        ["connected-normalized"] = Conv + "[connected]\nbatch_normalize=1\noutput=7\nactivation=tanh\n[dropout]\nprobability=.5\n[connected]\noutput=4\nactivation=linear\n[cost]",
        ["crop"] = "[crop]\ncrop_width=8\ncrop_height=9\nshift=.2\n" + Conv,
        ["crop-noadjust"] = "[crop]\ncrop_width=12\ncrop_height=7\nnoadjust=1\n" + Conv,
        ["local"] = Conv + "[local]\nfilters=3\nsize=3\nstride=2\npad=1\nactivation=leaky\n[local]\nfilters=2\nsize=2\nactivation=elu",
        ["route"] = Conv + Conv + "[route]\nlayers=-1,0\n" + Conv + "[route]\nlayers=0\n[route]\nlayers=-2, 1, 0\n" + Conv,
        ["shortcut"] = Conv + Conv + "[shortcut]\nfrom=-2\nactivation=leaky\n" + Conv + "[shortcut]\nfrom=0\n",
        ["shortcut-self-sum"] = Conv + "[shortcut]\nfrom=-1\nactivation=tanh",
        ["shortcut-alpha-beta"] = Conv + Conv + "[shortcut]\nfrom=-2\nalpha=.5\nbeta=-2\nactivation=relu",
        ["shortcut-more-channels"] = Conv + "[convolutional]\nfilters=12\nsize=1\nactivation=linear\n[shortcut]\nfrom=0\nalpha=.5",
        ["shortcut-fewer-channels"] = Conv + "[convolutional]\nfilters=5\nsize=1\nactivation=linear\n[shortcut]\nfrom=0\nactivation=leaky",
        ["shortcut-larger-from"] = Conv + "[convolutional]\nfilters=8\nsize=3\nstride=3\npad=1\nactivation=leaky\n[shortcut]\nfrom=0\nbeta=3\nactivation=linear",
        ["shortcut-smaller-from"] = Conv + "[convolutional]\nfilters=6\nsize=3\nstride=3\npad=1\nactivation=leaky\n[upsample]\nstride=2\n[shortcut]\nfrom=1\nalpha=2\nactivation=leaky",
        ["shortcut-slightly-smaller-from"] = Conv + "[convolutional]\nfilters=6\nsize=3\nactivation=leaky\n[route]\nlayers=0\n[shortcut]\nfrom=1\nactivation=leaky",
        ["reorg"] = "[convolutional]\nfilters=8\nsize=2\nstride=1\nactivation=leaky\n[reorg]\nstride=2\n",
        ["reorg-3"] = "[convolutional]\nfilters=18\nsize=3\npad=1\nactivation=leaky\n[crop]\ncrop_width=12\ncrop_height=9\n[reorg]\nstride=3\n",
        ["conv-even-window"] = "[convolutional]\nfilters=5\nsize=6\nstride=2\npad=1\nactivation=leaky",
        ["upsample"] = Conv + "[upsample]\nstride=3\nscale=1.5\n[upsample]\n",
        ["region"] = "[convolutional]\nfilters=24\nsize=1\nactivation=linear\n[region]\nclasses=3\nnum=3\nsoftmax=1\n",
        ["region-logistic"] = "[convolutional]\nfilters=24\nsize=1\nactivation=linear\n[region]\nclasses=3\nnum=3\n",
        ["region-background"] = "[convolutional]\nfilters=24\nsize=1\nactivation=linear\n[region]\nclasses=3\nnum=3\nsoftmax=1\nbackground=1\n",
        ["yolo"] = "[convolutional]\nfilters=16\nsize=1\nactivation=linear\n[yolo]\nclasses=3\nnum=6\nmask=1,4\nanchors=1,2, 3,4, 5,6, 7,8, 9,10, 11,12",
        ["detection"] = "[connected]\noutput=52\nactivation=linear\n[detection]\nclasses=3\ncoords=4\nside=2\nnum=2\nsoftmax=1\nsqrt=1",
        ["line-endings-and-blanks"] = "\n\n[ convolutional ]\n  filters =  6\n\tsize = 3\nactivation = linear\n; text\n\n[maxpool]\nsize=2\nsize=3\nstride=2\n",
    };

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    public static TheoryData<string> Activations =>
        ["linear", "leaky", "relu", "logistic", "loggy", "tanh", "elu", "selu", "relie", "ramp", "hardtan", "lhtan", "plse", "stair"];

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_importer_gives_a_cfg_Darknets_meaning(string name) => Compare(name, s_cases[name]);

    [Theory]
    [MemberData(nameof(Activations))]
    public void An_activation_has_Darknets_definition(string activation) =>
        Compare("activation-" + activation, $"[convolutional]\nfilters=64\nsize=3\nactivation=linear\n[shortcut]\nfrom=0\nalpha=4\nbeta=4\nactivation={activation}\n{Conv}");

    /// <summary>
    /// Darknet's CPU code takes the input of every 1x1 convolution as it lies in memory and so ignores the stride; its GPU code and later versions do not. The importer keeps
    /// the usual meaning. No cfg file of the package has such a layer.
    /// </summary>
    [Fact]
    public void A_strided_1x1_convolution_is_the_one_known_difference() =>
        Assert.Contains(
            "layer 1 convolutional 1x1/3",
            Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Compare("conv-1x1-stride", Conv + "[convolutional]\nfilters=5\nsize=1\nstride=3\nactivation=leaky")).Message,
            StringComparison.Ordinal);

    private static void Compare(string name, string layers)
    {
        SmallNetwork small = SmallNetworks.Get("meaning-" + name, () => $"[net]\nwidth=13\nheight=11\nchannels=3\n{layers}\n");
        float[] input = SmallNetworks.Input(small.Network, seed: 3);
        using DarknetWeights weights = DarknetWeights.Open(small.WeightsPath, small.Network);
        double[][] expected = NaiveNetwork.Run(small.Network, weights, input);
        using DarknetLibrary darknet = DarknetLibrary.Load(small.CfgPath, small.WeightsPath);
        darknet.Predict(input);
        foreach (Layer layer in small.Network.Layers)
        {
            // Darknet leaves the output of [cost] empty; its network output is the layer before.
            if (layer.Kind == "cost")
            {
                continue;
            }

            double[] ours = expected[layer.Index];
            float[] theirs = darknet.Output(layer.Index);
            Assert.Equal(ours.Length, theirs.Length);
            double largest = Math.Max(1e-3, ours.Max(Math.Abs));
            int worst = Enumerable.Range(0, ours.Length).MaxBy(i => Math.Abs(ours[i] - theirs[i]));
            Assert.True(
                Math.Abs(ours[worst] - theirs[worst]) <= 1e-5 * largest, $"{name}: layer {layer.Name} {layer.Output}, element {worst}: {ours[worst]} expected, Darknet has {theirs[worst]}");
        }
    }
}
