using System.Text.Json;
using DeeperThings.Evaluate;

namespace DeeperThings.Cli.Tests;

/// <summary>What the evaluation measures and how it reads a timeline.</summary>
public sealed class EvaluationLaws : TemporaryFolder
{
    [Fact]
    public void An_exchange_is_on_the_wire_from_its_last_rank_to_its_end_and_what_two_share_counts_once()
    {
        Trace trace = TraceOf(
            Step(0, 1, 0, 100, 10, 0),
            Step(1, 1, 60, 40, 0, 10),
            Step(0, 2, 100, 100, 10, 0),
            Step(1, 2, 120, 80, 0, 10),
            Step(2, 3, 180, 70, 10, 0),
            Step(3, 3, 190, 60, 0, 10));
        Assert.Equal((40 + 80 + 50) / 1e6, trace.WireSeconds, 1e-12);
    }

    [Fact]
    public void An_exchange_that_is_ended_by_a_step_of_its_own_is_on_the_wire_while_ranks_wait_for_that()
    {
        Trace trace = TraceOf(
            Step(0, 1, 0, 10, 10, 10),
            Step(1, 1, 20, 10, 10, 10),
            new { name = "finish", ph = "X", pid = 0, ts = 90.0, dur = 40.0, args = new { layer = 1, kind = "finish" } },
            new { name = "finish", ph = "X", pid = 1, ts = 100.0, dur = 25.0, args = new { layer = 1, kind = "finish" } });
        Assert.Equal(30 / 1e6, trace.WireSeconds, 1e-12);
    }

    [Fact]
    public void Bytes_of_the_wire_are_those_of_the_busiest_link_and_direction_of_each_exchange()
    {
        Trace trace = TraceOf(
            Step(0, 1, 0, 10, 500, 100),
            Step(1, 1, 0, 10, 200, 700),
            Step(0, 2, 10, 10, 300, 0),
            Step(1, 2, 10, 10, 0, 300),
            new { name = "compute", ph = "X", pid = 0, ts = 20.0, dur = 5.0, args = new { layer = 2, kind = "compute" } });
        Assert.Equal(700 + 300, trace.ExchangeBytes);
    }

    [Fact]
    public void What_the_kernel_says_of_stolen_time_is_a_part_of_all_time()
    {
        ProcessorTicks before = ProcessorTicks.Of("cpu  100 20 30 400 5 6 7 32 50 0");
        ProcessorTicks after = ProcessorTicks.Of("cpu  150 20 30 430 5 6 7 52 90 0");
        Assert.Equal(new ProcessorTicks(600, 32), before);
        Assert.Equal(0.2, after.StolenShareSince(before), 1e-12);
        Assert.Equal(0, before.StolenShareSince(before));
    }

    [Theory]
    [InlineData(new[] { 3 }, 1, 0.03)]
    [InlineData(new[] { 20, 0, 50 }, 2, 0.0)]
    [InlineData(new[] { 20, 9, 10, 40, 0 }, 4, 0.09)]
    public void The_calmest_of_four_measurements_counts_and_none_is_repeated_after_a_calm_one(int[] stolenPercents, int measurements, double calmest)
    {
        var ticks = new ProcessorTicks(0, 0);
        int made = 0;
        List<string> said = [];
        (int result, double stolen) = Calm.Of(
            () =>
            {
                ticks = new(ticks.All + 100, ticks.Stolen + stolenPercents[made]);
                return stolenPercents[made++];
            },
            said.Add,
            () => ticks);
        Assert.Equal((measurements, measurements - 1), (made, said.Count));
        Assert.Equal(calmest, stolen, 1e-12);
        Assert.Equal(calmest, result / 100.0, 1e-12);
    }

    [Fact]
    public void The_full_evaluation_begins_with_most_ranks_at_100_Mbit_and_holds_every_run_once()
    {
        Scope scope = Scope.Full;
        Run[] runs = [.. scope.Stages.SelectMany(scope.SchedulesOf)];
        Assert.All(runs.Take(20), run => Assert.Equal((6, "100mbit"), (run.Ranks, run.Rate)));
        Assert.Equal(runs.Length, runs.Select(run => run.KeyAt(scope.Cpu)).Distinct().Count());
        Assert.Equal(scope.Networks, runs.Where(run => run.Ranks == 1 && run.Turn == 1).Select(run => run.Network));
        (string, int[])[] expected = [("100mbit", [6, 2, 3, 4, 5]), ("unlimited", [6, 2, 3, 4, 5]), ("10mbit", [6, 2, 3, 4, 5])];
        Assert.Equal(expected.SelectMany(rate => rate.Item2.Select(ranks => (rate.Item1, ranks))), runs.Where(run => run.Ranks > 1).Select(run => (run.Rate, run.Ranks)).Distinct());
        Assert.Equal([("100mbit", 6), ("unlimited", 6)], scope.Stages.SelectMany(scope.UnevenOf).Select(run => (run.Rate, run.Ranks)).Distinct());
        Assert.Equal(["yolov2", "vgg-16"], scope.Stages.SelectMany(scope.FrontsOf));
    }

    [Fact]
    public void Rates_and_ranks_that_are_asked_for_replace_the_table()
    {
        Assert.Equal([("10mbit", 6), ("1gbit", 6)], Scope.Full.AtRates(["10mbit", "1gbit"]).Stages.Select(stage => (stage.Rate, stage.Ranks[0])));
        Scope scope = Scope.Full.AtRates(["10mbit"]).WithRanks([2, 1]).WithNetworks(["signs"]);
        Assert.Equal([2, 2, 2, 2, 2, 1, 2, 2, 1, 2, 2, 1], scope.Stages.SelectMany(scope.SchedulesOf).Select(run => run.Ranks));
        Assert.Equal(["signs"], scope.Stages.SelectMany(scope.FrontsOf));
        Scope others = Scope.Full.AtRates(["unlimited", "10mbit"]);
        Assert.Equal(["yolov2", "vgg-16"], others.Stages.SelectMany(others.FrontsOf));
    }

    [Fact]
    public void What_links_bound_is_measured_once_and_all_else_in_turns()
    {
        Scope scope = Scope.Full with { Turns = 4 };
        Run[] runs = [.. scope.Stages.SelectMany(stage => scope.SchedulesOf(stage).Concat(scope.UnevenOf(stage)))];
        Assert.All(runs.GroupBy(run => run with { Turn = 1 }), turns =>
            Assert.Equal(Enumerable.Range(1, turns.Key.Rate != "unlimited" && turns.Key.Schedule.Name is Schedule.StarLayerOutput or Schedule.StarOptimum or Schedule.PeersLayerOutput ? 1 : 4), turns.Select(run => run.Turn)));
    }

    [Fact]
    public void Turns_of_a_run_are_one_run_with_the_medians_of_their_seconds()
    {
        var random = new Random(1);
        for (int count = 1; count <= 6; count++)
        {
            Measurement[] turns = [.. Enumerable.Range(1, count).Select(turn => MeasurementOf("joint plan", turn, random.NextDouble(), random.NextDouble(), turn != 2))];
            IReadOnlyList<Turns> runs = Turns.Of([.. turns, MeasurementOf("peers, LOP", 1, 7, 8, true)]);
            Assert.Equal(["joint plan", "peers, LOP"], runs.Select(run => run.Middle.Schedule));
            Assert.Equal((7, 8, (double?)null), (runs[1].Middle.Seconds, runs[1].Middle.PredictedSeconds, runs[1].Spread));
            Measurement middle = runs[0].Middle;
            Assert.Equal(turns.Count(turn => turn.Seconds > middle.Seconds), turns.Count(turn => turn.Seconds < middle.Seconds));
            Assert.Equal(turns.Count(turn => turn.PredictedSeconds > middle.PredictedSeconds), turns.Count(turn => turn.PredictedSeconds < middle.PredictedSeconds));
            Assert.Equal(count == 1 ? null : turns.Max(turn => turn.Seconds) / turns.Min(turn => turn.Seconds), runs[0].Spread);
            Assert.Equal(count == 1, middle.AsPlanned);
        }
    }

    [Fact]
    public void Long_inferences_are_made_once_and_short_ones_often_enough_for_a_median()
    {
        Assert.Equal([25, 3, 3, 1, 1, 1], new[] { 0.01, 2.0, 3.9, 4.0, 6.1, 400 }.Select(Repeats.Of));
        Assert.All(Enumerable.Range(1, 1000), tenths => Assert.InRange(Repeats.Of(tenths / 10.0), tenths < 40 ? 3 : 1, 25));
    }

    [Fact]
    public void Points_that_are_spread_over_a_front_are_its_own_with_both_ends_and_in_order()
    {
        var random = new Random(1);
        for (int count = 1; count < 30; count++)
        {
            Front front = new([.. Enumerable.Range(0, count).Select(_ => random.NextInt64(1_000_000, 1_000_000_000)).Order().Select(bytes => new FrontPoint(bytes, bytes, 1e9 / bytes))]);
            IReadOnlyList<FrontPoint> spread = front.Spread(6);
            Assert.InRange(spread.Count, Math.Min(count, 2), 6);
            Assert.Equal((front.Points[0], front.Points[^1]), (spread[0], spread[^1]));
            Assert.Equal(front.Points.Where(spread.Contains), spread);
        }
    }

    private static Measurement MeasurementOf(string schedule, int turn, double seconds, double predicted, bool asPlanned) => new()
    {
        Part = Part.Schedules, Network = "small", Ranks = 2, Rate = "unlimited", Schedule = schedule, Cpu = 20, Turn = turn, Plan = "none", Profile = "none", FootprintBytes = 1, PeakResidentBytes = 1,
        Inferences = 1, Seconds = seconds, PredictedSeconds = predicted, WireSeconds = 0, ExchangeBytes = 0, LinkBytesPerSecond = 1, AsPlanned = asPlanned, Links = [],
    };

    private static object Step(int rank, int tag, double begin, double microseconds, long sent, long received) =>
        new { name = "exchange", ph = "X", pid = rank, ts = begin, dur = microseconds, args = new { layer = tag, kind = "redistribute", tag, bytesSent = sent, bytesReceived = received } };

    private Trace TraceOf(params object[] events)
    {
        string path = PathOf("trace.json");
        File.WriteAllText(path, JsonSerializer.Serialize(new { traceEvents = events }));
        return Trace.Read(path);
    }
}
