using System.Collections.Immutable;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Planning.Paper;
using DeeperThings.Tensors;
using DeeperThings.TestSupport;

namespace DeeperThings.Planning.Tests;

/// <summary>The paper's volumes against what its schedule really sends.</summary>
public sealed class StarLaws
{
    /// <summary>Rounding of K(N−1)/N to whole bytes.</summary>
    private const double HalfByte = 0.51;

    [Fact]
    public void A_star_of_a_chain_sends_the_papers_volumes_to_the_byte()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            int ranks = random.Next(2, 7);
            Network chain = Chain(random, ranks);
            PaperResult paper = new PaperFormulation(chain, ranks).Solve(0);
            var outputs = StarPlan.Of(chain, UniformPlan.Create(chain, ranks, UniformStrategy.LayerOutput));
            Plan layerOutput = Plan.Create(chain, ranks, "layer-output", outputs, ScheduleKind.Star);
            Plan optimum = Plan.Create(chain, ranks, "paper", PaperPlan.Create(chain, paper, ScheduleKind.Star), ScheduleKind.Star);
            Assert.Equal(paper.Communication.LayerOutputOnlyBytes, layerOutput.Counts.BytesSent.Sum());
            Assert.Equal(paper.Communication.OptimalBytes, optimum.Counts.BytesSent.Sum());
            Execution.Check(chain, layerOutput, seed);
            Execution.Check(chain, optimum, seed);
        }
    }

    [Fact]
    public void Tiles_before_the_break_add_their_inputs_and_outputs_and_spare_what_the_first_layer_behind_reads_of_them()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            int ranks = random.Next(2, 7);
            Network chain = Chain(random, ranks);
            int first = random.Next(1, chain.Layers.Length);
            PaperResult paper = new PaperFormulation(chain, ranks).Solve(first);
            var layers = PaperPlan.Create(chain, paper, ScheduleKind.Star);
            Plan plan = Plan.Create(chain, ranks, "paper", layers, ScheduleKind.Star);
            var start = new LayerGeometry(chain.Layers[0], layers[0], ranks);
            var end = new LayerGeometry(chain.Layers[first - 1], layers[first - 1], ranks);
            long stack = start.Need(0).Skip(1).Sum(need => need.Bytes) + end.Own.Skip(1).Sum(own => own.Bytes);
            IReadOnlyList<Region> reads = new LayerGeometry(chain.Layers[first], layers[first], ranks).Need(0);
            long spared = Enumerable.Range(1, ranks - 1).Sum(rank => reads[rank].Intersect(end.Own[rank]).Bytes);
            Assert.Equal(paper.Communication.OptimalBytes + stack - spared, plan.Counts.BytesSent.Sum());
        }
    }

    [Fact]
    public void Shards_that_do_not_divide_evenly_change_only_what_the_root_keeps_of_them()
    {
        const int Ranks = 6;
        Network network = ModelFile.Open(Repository.PathOf("models", "extraction.cfg")).Network;
        PaperResult paper = new PaperFormulation(network, Ranks).Solve(0);
        var layers = PaperPlan.Create(network, paper, ScheduleKind.Star);
        double formula = 0;
        double exact = 0;
        foreach ((int index, PaperStrategy strategy) in paper.Communication.Layers.Index().Where(layer => layer.Item != PaperStrategy.None))
        {
            Layer layer = network.Layers[index];
            bool reuses = strategy == PaperStrategy.LayerOutput && index + 1 < layers.Length && paper.Communication.Layers[index + 1] is PaperStrategy.LayerOutput or PaperStrategy.FusedFirst;
            if (strategy == PaperStrategy.LayerOutput && !reuses)
            {
                formula += layer.Output.Count * (Ranks - 1.0) / Ranks;
                exact += layer.Output.Count - new LayerGeometry(layer, layers[index], Ranks).Own[0].Count;
            }
            else if (strategy == PaperStrategy.LayerInput)
            {
                var geometry = new LayerGeometry(layer, layers[index], Ranks);
                formula += layer.InputShapes[0].Count * (Ranks - 1.0) / Ranks;
                exact += layer.InputShapes[0].Count - geometry.Need(0)[0].Count;
                formula += layer.Output.Count * (Ranks - 1.0);
                exact += layer.Output.Count * Enumerable.Range(1, Ranks - 1).Count(rank => !geometry.Computes(rank).IsEmpty);
            }
        }

        long sent = Plan.Create(network, Ranks, "paper", layers, ScheduleKind.Star).Counts.BytesSent.Sum();
        Assert.Equal(paper.Communication.OptimalBytes + (sizeof(float) * (exact - formula)), sent, HalfByte);
    }

    /// <summary>Convolutions and pools with channels that divide evenly.</summary>
    private static Network Chain(Random random, int ranks)
    {
        var layers = ImmutableArray.CreateBuilder<Layer>();
        var input = new Shape(ranks * random.Next(1, 4), 24, 24);
        Shape shape = input;
        int count = random.Next(2, 8);
        for (int index = 0; index < count; index++)
        {
            bool pools = index is > 0 && index < count - 1 && shape.Rows >= 12 && random.Next(3) == 0;
            var window = pools ? new Window(2, 2, 1, 0, 0) : random.Next(2) == 0 ? new Window(3, 1, 1, 1, 1) : new Window(1, 1, 1, 0, 0);
            Shape output = pools ? new(shape.Channels, shape.Rows / 2, shape.Columns / 2) : new(ranks * random.Next(1, 5), shape.Rows, shape.Columns);
            layers.Add(pools
                ? new MaxPool { Index = index, Kind = "maxpool", Inputs = [index - 1], InputShapes = [shape], Output = output, RowWindow = window, ColumnWindow = window }
                : new Convolution { Index = index, Kind = "convolutional", Inputs = [index - 1], InputShapes = [shape], Output = output, RowWindow = window, ColumnWindow = window, Activation = Activation.Leaky });
            shape = output;
        }

        return new("chain", input, layers.ToImmutable(), "chain");
    }
}
