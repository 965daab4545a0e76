using System.Collections.Immutable;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Tensors;
using DeeperThings.TestSupport;

namespace DeeperThings.Partitioning.Tests;

/// <summary>Laws of layers that are run strip by strip, over random networks and plans.</summary>
public sealed class StripLaws
{
    private const int Seeds = 300;

    [Fact]
    public void No_element_is_computed_twice_on_a_rank_and_what_is_not_streamed_is_computed_whole()
    {
        int strips = 0;
        ForEach((network, plan, programs) =>
        {
            foreach (RankProgram program in programs)
            {
                foreach (IGrouping<int, ComputeStep> steps in program.Steps.OfType<ComputeStep>().GroupBy(step => step.Layer))
                {
                    Region[] parts = [.. steps.Select(step => step.Region)];
                    strips += parts.Length - 1;
                    for (int i = 1; i < parts.Length; i++)
                    {
                        Assert.True(parts[i].Rows.Start >= parts[i - 1].Rows.End);
                        Assert.Equal(parts[0] with { Rows = default }, parts[i] with { Rows = default });
                    }

                    var geometry = new LayerGeometry(network.Layers[steps.Key], plan[steps.Key], program.Ranks);
                    long computed = parts.Sum(part => part.Count);
                    Assert.True(plan[steps.Key].Streams ? computed <= geometry.Computes(program.Rank).Count : computed == geometry.Computes(program.Rank).Count);
                }
            }
        }, Overlap.Never);
        Assert.True(strips > 1000, $"{strips} strips");
    }

    [Fact]
    public void A_window_holds_what_each_step_reads_and_nothing_that_was_not_computed_is_read()
    {
        int slides = 0;
        ForEach((network, plan, programs) =>
        {
            foreach (RankProgram program in programs)
            {
                var held = new Dictionary<int, (MapPlace Place, Interval Rows)>();
                foreach (Step step in program.Steps)
                {
                    if (step is SlideStep slide && slide.Layer != Network.Input && plan[slide.Layer].Streams)
                    {
                        slides++;
                        Assert.Equal(slide.From, held[slide.Layer].Place);
                        Assert.True(slide.Kept.Rows.Start >= held[slide.Layer].Rows.Start && slide.Kept.Rows.End == held[slide.Layer].Rows.End);
                        held[slide.Layer] = (slide.To, slide.Kept.Rows);
                    }
                    else if (step is ComputeStep compute)
                    {
                        Check(network, plan, program, compute, held);
                    }
                }
            }
        });
        Assert.True(slides > 500, $"{slides} slides");
    }

    [Fact]
    public void Strips_change_neither_what_is_sent_nor_the_weights_nor_the_operations_of_partial_sums()
    {
        ForEach((network, plan, programs) =>
        {
            ImmutableArray<LayerPlan> whole = [.. plan.Select(layer => layer with { Streams = false, StripRows = 0 })];
            foreach ((RankProgram unstreamed, RankProgram program) in Lowering.AllRanks(network, whole, programs.Length).Zip(programs))
            {
                Assert.Equal(unstreamed.BytesSent, program.BytesSent);
                Assert.Equal(unstreamed.BytesReceived, program.BytesReceived);
                Assert.Equal(unstreamed.WeightsBytes, program.WeightsBytes);
                Assert.True(program.Flops <= unstreamed.Flops);
            }
        });
    }

    [Fact]
    public void A_streamed_output_that_somebody_else_needs_is_refused()
    {
        Network network = RandomNetwork.Create(1, 6);
        Layer last = network.Layers[network.Outputs[^1]];
        ImmutableArray<LayerPlan> plan = UniformPlan.Create(network, 1, UniformStrategy.Whole);
        Layer layer = network.Layers.First(layer => layer is Convolution && layer.Index != last.Index);
        ImmutableArray<LayerPlan> streamed = plan.SetItem(layer.Index, plan[layer.Index] with { Strategy = Strategy.Whole, Output = new Everywhere(), Streams = true });
        PlanException error = Assert.Throws<PlanException>(() => Lowering.ForRank(network, streamed, 1, 0));
        Assert.Contains($"layer {layer.Name}: its output can be streamed only", error.Message, StringComparison.Ordinal);
        Assert.Throws<PlanException>(() => Lowering.ForRank(network, plan.SetItem(layer.Index, plan[layer.Index] with { StripRows = -1 }), 1, 0));
    }

    /// <summary>What is read of a streamed map lies in its window and has been computed.</summary>
    private static void Check(Network network, ImmutableArray<LayerPlan> plan, RankProgram program, ComputeStep compute, Dictionary<int, (MapPlace Place, Interval Rows)> held)
    {
        Layer layer = network.Layers[compute.Layer];
        var geometry = new LayerGeometry(layer, plan[compute.Layer], program.Ranks);
        int producer = network.Resolve(layer.Inputs[0]);
        if (producer != Network.Input && plan[producer].Streams)
        {
            Region need = geometry.NeedFor(0, program.Rank, compute.Region);
            Assert.True(compute.Inputs[0].Region.Contains(need));
            if (!need.IsEmpty)
            {
                Assert.Equal(held[producer].Place, compute.Inputs[0]);
                Assert.True(held[producer].Rows.Contains(need.Rows));
            }
        }

        if (plan[compute.Layer].Streams)
        {
            Assert.True(compute.Output.Region.Contains(compute.Region));
            Interval before = held.TryGetValue(compute.Layer, out var window) && window.Place == compute.Output ? window.Rows : default;
            Assert.True(before.IsEmpty || before.End <= compute.Region.Rows.Start);
            bool goesOn = before.End == compute.Region.Rows.Start;
            held[compute.Layer] = (compute.Output, goesOn ? before.Hull(compute.Region.Rows) : compute.Region.Rows);
        }
    }

    private static void ForEach(Action<Network, ImmutableArray<LayerPlan>, RankProgram[]> law, Overlap overlap = Overlap.WhereItPays)
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            Network network = RandomNetwork.Create(seed, 2 + (seed % 14));
            int ranks = random.Next(1, 9);
            ImmutableArray<LayerPlan> plan = RandomPlan.Create(network, ranks, random, reassociate: true);
            law(network, plan, Lowering.AllRanks(network, plan, ranks, overlap: overlap));
        }
    }
}
