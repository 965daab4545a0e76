using System.Text.Json;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Planning.Paper;
using DeeperThings.TestSupport;

namespace DeeperThings.Planning.Tests;

public sealed class PaperLaws
{
    private const double HalfByte = 0.51;

    public static TheoryData<string, string, int, long, int, int, long, long> References()
    {
        var data = new TheoryData<string, string, int, long, int, int, long, long>();
        using Stream stream = typeof(PaperLaws).Assembly.GetManifestResourceStream("expected.json")!;
        using JsonDocument document = JsonDocument.Parse(stream);
        foreach (JsonProperty network in document.RootElement.EnumerateObject())
        {
            string file = network.Name == "vgg16" ? "vgg-16.cfg" : $"{network.Name}.cfg";
            foreach (JsonElement result in network.Value.EnumerateArray())
            {
                foreach (JsonElement communication in result.GetProperty("communication").EnumerateArray())
                {
                    data.Add(
                        network.Name,
                        file,
                        result.GetProperty("ranks").GetInt32(),
                        result.GetProperty("footprintBytes").GetInt64(),
                        result.GetProperty("breakLayer").GetInt32(),
                        communication.GetProperty("firstLayer").GetInt32(),
                        communication.GetProperty("layerOutputOnlyBytes").GetInt64(),
                        communication.GetProperty("optimalBytes").GetInt64());
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(References))]
    public void The_reference_optima_are_found(string name, string file, int ranks, long footprint, int breakLayer, int first, long layerOutputOnly, long optimal)
    {
        _ = name;
        PaperResult result = new PaperFormulation(ModelFile.Open(Repository.PathOf("models", file)).Network, ranks).Solve(first);
        Assert.Equal((footprint, breakLayer), (result.FootprintBytes, result.BreakLayer));
        Assert.Equal((layerOutputOnly, optimal), (result.Communication.LayerOutputOnlyBytes, result.Communication.OptimalBytes));
    }

    [Fact]
    public void On_random_chains_both_programs_give_what_dynamic_programming_and_enumeration_give()
    {
        for (int seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            PaperLayer[] chain = RandomChain(random);
            int ranks = random.Next(1, 9);
            int first = random.Next(chain.Length);
            var formulation = new PaperFormulation(chain, ranks);
            PaperResult result = formulation.Solve(first);
            Assert.Equal(LeastFootprint(chain, ranks), result.FootprintBytes, HalfByte);
            Assert.Equal(Footprint(chain, ranks, result.BreakLayer), result.FootprintBytes, HalfByte);
            Assert.Equal(LeastVolume(chain, ranks, first), result.Communication.OptimalBytes, HalfByte);
            Assert.Equal(Volume(chain, ranks, first, [.. chain.Select(layer => 'o')]), result.Communication.LayerOutputOnlyBytes, HalfByte);
            Assert.Equal(Volume(chain, ranks, first, Letters(result)), result.Communication.OptimalBytes, HalfByte);
        }
    }

    [Fact]
    public void A_paper_plan_executes_and_gives_the_single_rank_output()
    {
        for (int seed = 0; seed < 25; seed++)
        {
            Network network = RandomNetwork.Create(seed, 6);
            int ranks = (seed % 4) + 1;
            PaperResult result = new PaperFormulation(network, ranks).Solve(seed % 2 == 0 ? 0 : null);
            Execution.Check(network, Plan.Create(network, ranks, "paper", PaperPlan.Create(network, result)), seed);
        }
    }

    private static PaperLayer[] RandomChain(Random random)
    {
        var layers = new PaperLayer[random.Next(1, 9)];
        long elements = random.Next(1, 2000);
        for (int i = 0; i < layers.Length; i++)
        {
            bool isConvolution = random.Next(4) > 0;
            long output = random.Next(1, 2000);
            layers[i] = new(elements, output, isConvolution ? random.Next(1, 8000) : 0, isConvolution);
            elements = output;
        }

        return layers;
    }

    private static double LeastFootprint(PaperLayer[] chain, int ranks) =>
        Enumerable.Range(0, chain.Length + 1).Min(breakLayer => Footprint(chain, ranks, breakLayer));

    private static double Footprint(PaperLayer[] chain, int ranks, int breakLayer) => 4 * (
        chain.Select((layer, l) => layer.IsConvolution ? (layer.InputElements + layer.OutputElements) / (l < breakLayer ? (double)ranks : 1) : 0).Max()
        + chain.Select((layer, l) => layer.Weights / (l < breakLayer ? 1 : (double)ranks)).Sum());

    private static char[] Letters(PaperResult result) => [.. result.Communication.Layers.Select(strategy => strategy switch
    {
        PaperStrategy.LayerOutput => 'o',
        PaperStrategy.LayerInput => 'i',
        PaperStrategy.FusedFirst => 'f',
        PaperStrategy.FusedSecond => 's',
        _ => '-',
    })];

    /// <summary>Every assignment of o, i, f, s to the convolutions from the first layer on.</summary>
    private static double LeastVolume(PaperLayer[] chain, int ranks, int first)
    {
        var letters = new char[chain.Length];
        double least = double.PositiveInfinity;
        Extend(first);
        return least;

        void Extend(int layer)
        {
            if (layer == chain.Length)
            {
                least = Math.Min(least, Volume(chain, ranks, first, letters));
                return;
            }

            bool follows = layer > first && chain[layer - 1].IsConvolution && letters[layer - 1] == 'f';
            bool mayStart = layer + 1 < chain.Length && chain[layer + 1].IsConvolution;
            foreach (char letter in !chain[layer].IsConvolution ? "-" : follows ? "s" : mayStart ? "oif" : "oi")
            {
                letters[layer] = letter;
                Extend(layer + 1);
            }
        }
    }

    /// <summary>The table of planning.md, section 4.</summary>
    private static double Volume(PaperLayer[] chain, int ranks, int first, char[] letters)
    {
        double total = 0;
        for (int l = first; l < chain.Length; l++)
        {
            if (!chain[l].IsConvolution)
            {
                continue;
            }

            double m = chain[l].InputElements * (ranks - 1.0);
            double k = chain[l].OutputElements * (ranks - 1.0);
            double input = l > first && Reuses(l - 1) ? 0 : m;
            total += letters[l] switch
            {
                'o' => input + (Reuses(l) ? k : k / ranks),
                'i' => (m / ranks) + k,
                'f' => input,
                _ => k,
            };
        }

        return 4 * total;

        bool Reuses(int l) => chain[l].IsConvolution && letters[l] == 'o' && l + 1 < chain.Length && chain[l + 1].IsConvolution && (letters[l + 1] is 'o' or 'f');
    }
}
