using System.Collections.Immutable;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Tensors;
using DeeperThings.TestSupport;

namespace DeeperThings.Partitioning.Tests;

/// <summary>Laws of lowered programs over random networks and plans.</summary>
public sealed class LoweringLaws
{
    private const int Seeds = 150;

    [Fact]
    public void Every_message_has_one_sender_and_one_receiver_with_the_same_pieces_and_tag() => ForEach((_, programs) =>
    {
        var sent = new List<string>();
        var received = new List<string>();
        foreach (RankProgram program in programs)
        {
            foreach (RedistributeStep step in program.Steps.OfType<RedistributeStep>())
            {
                sent.AddRange(step.Sends.Select(message => $"{program.Rank}>{message.Peer} {step.Tag} {string.Join(" ", message.Pieces)}"));
                received.AddRange(step.Receives.Select(message => $"{message.Peer}>{program.Rank} {step.Tag} {string.Join(" ", message.Pieces)}"));
            }

            foreach (ReduceScatterStep step in program.Steps.OfType<ReduceScatterStep>())
            {
                sent.AddRange(step.Sends.Select(message => $"{program.Rank}>{message.Peer} {step.Tag} {message.Pieces[0]}"));
                received.AddRange(step.Sums.Where(sum => sum.Peer != program.Rank).Select(sum => $"{sum.Peer}>{program.Rank} {step.Tag} {sum.Place.Region}"));
            }
        }

        Assert.Equal(sent.Order(), received.Order());
        Assert.Equal(sent.Count, sent.Distinct().Count());
    });

    [Fact]
    public void Partial_sums_are_added_in_rank_order() => ForEach((_, programs) =>
    {
        foreach (ReduceScatterStep step in programs.SelectMany(program => program.Steps.OfType<ReduceScatterStep>()))
        {
            Assert.Equal(step.Sums.Select(sum => sum.Peer).Order(), step.Sums.Select(sum => sum.Peer));
        }
    });

    [Fact]
    public void All_places_are_aligned_and_inside_the_arena() => ForEach((_, programs) =>
    {
        foreach (RankProgram program in programs)
        {
            foreach ((long offset, long bytes) in program.Steps.SelectMany(PlacesOf))
            {
                Assert.Equal(0, offset % Arena.Alignment);
                Assert.InRange(offset + bytes, 0, program.ArenaBytes);
            }
        }
    });

    [Fact]
    public void A_steps_own_places_do_not_overlap() => ForEach((_, programs) =>
    {
        foreach (RankProgram program in programs)
        {
            foreach (Step step in program.Steps)
            {
                (long Offset, long Bytes)[] places = [.. PlacesOf(step).Where(place => place.Bytes > 0).Distinct().OrderBy(place => place)];
                for (int i = 1; i < places.Length; i++)
                {
                    Assert.True(places[i - 1].Offset + places[i - 1].Bytes <= places[i].Offset, $"{step}");
                }
            }
        }
    });

    [Fact]
    public void Until_an_exchange_ends_nothing_else_writes_what_it_sends_or_reads_what_it_receives()
    {
        int beside = 0;
        ForEach((network, programs) =>
        {
            foreach (RankProgram program in programs)
            {
                List<RedistributeStep> open = [];
                foreach (Step step in program.Steps)
                {
                    foreach (RedistributeStep exchange in open)
                    {
                        beside += step is ComputeStep ? 1 : 0;
                        Assert.True(step is ComputeStep or FinishStep or RedistributeStep { IsOpen: true }, $"{step}");
                        if (step is ComputeStep compute)
                        {
                            Assert.DoesNotContain(PlacesOf(exchange), place => Overlaps(place, Of(compute.Output)) || Overlaps(place, (compute.Scratch.Offset, compute.Scratch.Bytes)));
                            Assert.Equal(exchange.Target, Assert.Single(compute.Inputs));
                            Region read = network.Layers[compute.Layer].ReceptiveField(0, compute.Region);
                            Assert.DoesNotContain(exchange.Receives.SelectMany(message => message.Pieces), piece => !piece.Intersect(read).IsEmpty);
                        }
                    }

                    if (step is FinishStep finish)
                    {
                        Assert.NotEmpty(open);
                        Assert.Equal(open.SelectMany(exchange => exchange.Receives), finish.Receives);
                        open.Clear();
                    }
                    else if (step is RedistributeStep { IsOpen: true } begun)
                    {
                        open.Add(begun);
                    }
                }

                Assert.Empty(open);
            }
        });
        Assert.True(beside > 10, $"{beside} steps beside an exchange");

        static bool Overlaps((long Offset, long Bytes) a, (long Offset, long Bytes) b) => a.Offset < b.Offset + b.Bytes && b.Offset < a.Offset + a.Bytes;
    }

    [Fact]
    public void What_overlaps_where_it_pays_takes_no_byte_more() => ForEachPlan((network, plan, ranks, schedule) =>
    {
        RankProgram[] never = Lowering.AllRanks(network, plan, ranks, schedule, Overlap.Never);
        foreach ((RankProgram program, RankProgram other) in Lowering.AllRanks(network, plan, ranks, schedule).Zip(never))
        {
            Assert.True(program.FootprintBytes <= other.FootprintBytes);
            Assert.Equal(other.Messages, program.Messages);
        }
    });

    [Fact]
    public void A_rank_packs_one_message_at_a_time_where_messages_are_large()
    {
        int rounds = 0;
        ForEach((_, programs) =>
        {
            foreach (RankProgram program in programs)
            {
                foreach (RedistributeStep step in program.Steps.OfType<RedistributeStep>())
                {
                    Message[] sends = [.. step.Sends.Where(message => message.Staging is not null)];
                    Message[] receives = [.. step.Receives.Where(message => message.Staging is not null)];
                    Assert.True(sends.Concat(receives).Sum(message => message.Bytes) <= 16 * 1024 || (sends.Length <= 1 && receives.Length <= 1));
                }

                rounds += program.Steps.OfType<RedistributeStep>().GroupBy(step => (step.Layer, step.Target)).Count(steps => steps.Count() > 1);
            }
        });
        Assert.True(rounds > 20, $"{rounds} in rounds");
    }

    [Fact]
    public void Only_an_input_that_nobody_reads_afterwards_is_written_over()
    {
        int overwritten = 0;
        ForEach((network, programs) =>
        {
            foreach (RankProgram program in programs)
            {
                for (int i = 0; i < program.Steps.Length; i++)
                {
                    if (program.Steps[i] is not ComputeStep { Output.Region.IsEmpty: false } step || !step.Inputs.Contains(step.Output))
                    {
                        continue;
                    }

                    overwritten++;
                    Layer layer = network.Layers[step.Layer];
                    Assert.Equal(1, step.Inputs.Count(input => input == step.Output));
                    Assert.Equal(Overwriting.InputOf(network, layer), step.Inputs.IndexOf(step.Output));
                    int producer = network.Resolve(layer.Inputs[step.Inputs.IndexOf(step.Output)]);
                    foreach (Step later in program.Steps.Skip(i + 1))
                    {
                        Assert.False(later is RedistributeStep or OutputStep && later.Layer == producer, $"{later}");
                        Assert.False(later is ComputeStep && network.Layers[later.Layer].Inputs.Any(input => network.Resolve(input) == producer), $"{later}");
                    }
                }
            }
        });
        Assert.True(overwritten > 150, $"{overwritten} written over");
    }

    [Theory]
    [InlineData(UniformStrategy.Whole)]
    [InlineData(UniformStrategy.Tiled)]
    [InlineData(UniformStrategy.LayerOutput)]
    public void A_residual_add_takes_no_memory_of_its_own_and_has_room_for_the_halo_behind_it(UniformStrategy strategy)
    {
        Window window = new(3, 1, 1, 1, 1);
        Convolution Conv(int index) => new()
        {
            Index = index,
            Kind = "convolutional",
            Inputs = [index - 1],
            InputShapes = [new(8, 24, 24)],
            Output = new(8, 24, 24),
            RowWindow = window,
            ColumnWindow = window,
            Activation = Activation.Leaky,
        };
        Shortcut Add(int index, int from) => new()
        {
            Index = index,
            Kind = "shortcut",
            Inputs = [index - 1, from],
            InputShapes = [new(8, 24, 24), new(8, 24, 24)],
            Output = new(8, 24, 24),
            Activation = Activation.Relu,
        };
        var network = new Network("residual", new(8, 24, 24), [Conv(0), Conv(1), Add(2, 0), Conv(3), Conv(4), Add(5, 2), Conv(6)], "residual");
        foreach (RankProgram program in Lowering.AllRanks(network, UniformPlan.Create(network, 3, strategy, new(3, 1)), 3))
        {
            foreach (ComputeStep add in program.Steps.OfType<ComputeStep>().Where(step => step.Layer is 2 or 5))
            {
                Assert.Equal(add.Inputs[0], add.Output);
                ComputeStep next = program.Steps.OfType<ComputeStep>().Single(step => step.Layer == add.Layer + 1);
                Assert.Equal(strategy != UniformStrategy.LayerOutput, next.Inputs[0] == add.Output);
            }
        }
    }

    [Fact]
    public void Rows_of_an_image_are_sent_from_and_received_in_their_place()
    {
        var window = new Window(3, 1, 1, 1, 1);
        var layer = new Convolution
        {
            Index = 0,
            Kind = "convolutional",
            Inputs = [Network.Input],
            InputShapes = [new(3, 64, 64)],
            Output = new(8, 64, 64),
            RowWindow = window,
            ColumnWindow = window,
            Activation = Activation.Leaky,
        };
        var network = new Network("image", new(3, 64, 64), [layer], "image");
        foreach (RankProgram program in Lowering.AllRanks(network, UniformPlan.Create(network, 4, UniformStrategy.Tiled, new(4, 1)), 4))
        {
            RedistributeStep scatter = program.Steps.OfType<RedistributeStep>().First(step => step.Layer == Network.Input);
            Assert.All(scatter.Sends.Concat(scatter.Receives), message => Assert.Null(message.Staging));
            Assert.Equal(program.Rank == 0 ? 9 : 0, scatter.Sends.Length);
        }
    }

    [Fact]
    public void Fused_weights_move_nothing_between_a_LayerOutput_layer_and_the_LayerInput_layer_behind_it()
    {
        Window window = new(3, 1, 1, 1, 1);
        Convolution Conv(int index, int input, int output) => new()
        {
            Index = index,
            Kind = "convolutional",
            Inputs = [index - 1],
            InputShapes = [new(input, 8, 8)],
            Output = new(output, 8, 8),
            RowWindow = window,
            ColumnWindow = window,
            Activation = Activation.Leaky,
        };
        var network = new Network("pair", new(3, 8, 8), [Conv(0, 3, 13), Conv(1, 13, 7)], "pair");
        RankProgram[] programs = Lowering.AllRanks(network, UniformPlan.Create(network, 4, UniformStrategy.FusedWeights), 4);
        Assert.All(programs, program => Assert.Equal(0, program.BytesSentOf(0)));
        Assert.Equal(3 * network.ShapeOf(1).Count * sizeof(float) * 1, programs.Sum(program => program.Steps.OfType<ReduceScatterStep>().Sum(step => step.Sends.Sum(message => message.Bytes))));
    }

    [Fact]
    public void The_weights_of_all_shards_together_are_the_weights_of_one_rank_and_padding()
    {
        Network network = RandomNetwork.Create(3, 8);
        long whole = Lowering.AllRanks(network, UniformPlan.Create(network, 1, UniformStrategy.Whole), 1)[0].WeightsBytes;
        RankProgram[] sharded = Lowering.AllRanks(network, UniformPlan.Create(network, 3, UniformStrategy.LayerOutput), 3);
        Assert.True(sharded.Sum(program => program.WeightsBytes) >= whole);
        Assert.All(sharded, program => Assert.True(program.WeightsBytes < whole));
    }

    /// <summary>What a step reads and writes at the same time; the target of an exchange in place is its source.</summary>
    private static IEnumerable<(long Offset, long Bytes)> PlacesOf(Step step)
    {
        switch (step)
        {
            case ComputeStep compute:
                foreach (MapPlace input in compute.Inputs)
                {
                    yield return Of(input);
                }

                yield return Of(compute.Output);
                yield return (compute.Scratch.Offset, compute.Scratch.Bytes);
                break;
            case RedistributeStep redistribute:
                yield return Of(redistribute.Source);
                yield return Of(redistribute.Target);
                foreach (FloatPlace staging in redistribute.Sends.Concat(redistribute.Receives).Select(message => message.Staging).OfType<FloatPlace>())
                {
                    yield return (staging.Offset, staging.Bytes);
                }

                break;
            case FinishStep finish:
                yield return Of(finish.Target);
                foreach (FloatPlace staging in finish.Receives.Select(message => message.Staging).OfType<FloatPlace>())
                {
                    yield return (staging.Offset, staging.Bytes);
                }

                break;
            case ReduceScatterStep reduce:
                yield return Of(reduce.Partial);
                yield return Of(reduce.Output);
                foreach (PartialSum sum in reduce.Sums)
                {
                    yield return Of(sum.Place);
                }

                break;
            case SlideStep slide:
                Assert.Equal(slide.From.Offset, slide.To.Offset);
                Assert.True(slide.To.Region.Count <= slide.From.Region.Count && slide.From.Region.Contains(slide.Kept) && slide.To.Region.Contains(slide.Kept));
                yield return Of(slide.From);
                break;
            case InputStep input:
                yield return Of(input.Map);
                break;
            case OutputStep output:
                yield return Of(output.Map);
                break;
            default:
                break;
        }
    }

    private static (long Offset, long Bytes) Of(MapPlace place) => (place.Offset, place.Region.Bytes);

    private static void ForEach(Action<Network, RankProgram[]> law) => ForEachPlan((network, plan, ranks, schedule) =>
    {
        law(network, Lowering.AllRanks(network, plan, ranks, schedule));
        law(network, Lowering.AllRanks(network, plan, ranks, schedule, Overlap.WherePossible));
    });

    private static void ForEachPlan(Action<Network, ImmutableArray<LayerPlan>, int, ScheduleKind> law)
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            Network network = RandomNetwork.Create(seed, 2 + (seed % 14));
            int ranks = random.Next(1, 9);
            law(network, RandomPlan.Create(network, ranks, random, reassociate: true), ranks, ScheduleKind.Peers);
            law(network, RandomPlan.CreateForStar(network, ranks, random, reassociate: true), ranks, ScheduleKind.Star);
        }
    }
}
