using System.Collections.Immutable;
using System.Text;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.Clusters;
using DeeperThings.Planning.Simulation;
using DeeperThings.Tensors;
using DeeperThings.TestSupport;

namespace DeeperThings.Planning.Tests;

public sealed class ClusterLaws
{
    [Fact]
    public void Every_preset_loads_and_is_read_as_it_was_written()
    {
        Assert.Equal(["mixed-pi3-pi4", "six-pi3-100mbit", "six-pi4-1gbit"], ClusterProfile.Presets);
        foreach (string preset in ClusterProfile.Presets)
        {
            ClusterProfile profile = ClusterProfile.Load(preset);
            Assert.Equal((preset, 6), (profile.Name, profile.Hosts.Length));
            string path = Path.GetTempFileName();
            File.WriteAllText(path, profile.ToJson());
            Assert.Equal(profile.Hosts.AsEnumerable(), ClusterProfile.Load(path).Hosts);
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("", "no cluster profile")]
    [InlineData("{}", "no cluster profile")]
    [InlineData("{\"name\": \"x\", \"hosts\": []}", "at least one host")]
    [InlineData("{\"name\": \"x\", \"hosts\": [], \"colour\": 1}", "no cluster profile")]
    public void A_bad_profile_ends_with_one_clear_line(string json, string expected)
    {
        PlanException error = Assert.Throws<PlanException>(() => ClusterProfile.Parse(Encoding.UTF8.GetBytes(json), "cluster.json"));
        Assert.StartsWith("cluster.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_speed_of_zero_too_many_ranks_and_a_missing_file_are_refused()
    {
        ClusterProfile preset = ClusterProfile.Load("six-pi3-100mbit");
        string zero = preset.ToJson().Replace("\"convolution1x1\": 4000000000", "\"convolution1x1\": 0", StringComparison.Ordinal);
        Assert.Contains("Convolution1x1 is 0", Assert.Throws<PlanException>(() => ClusterProfile.Parse(Encoding.UTF8.GetBytes(zero), "c")).Message, StringComparison.Ordinal);
        string triplex = new ClusterProfile { Name = "c", Hosts = [preset.Hosts[0] with { Duplex = 3 }] }.ToJson();
        Assert.Contains("duplex is 3; allowed are 1 to 2", Assert.Throws<PlanException>(() => ClusterProfile.Parse(Encoding.UTF8.GetBytes(triplex), "c")).Message, StringComparison.Ordinal);
        Assert.Contains("has 6 hosts; 7 ranks", Assert.Throws<PlanException>(() => preset.ForRanks(7)).Message, StringComparison.Ordinal);
        Assert.Contains("neither a file nor one of the clusters", Assert.Throws<PlanException>(() => ClusterProfile.Load("no-such")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_simulated_rank_does_one_step_after_the_other_and_sends_what_is_planned()
    {
        for (int seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            Network network = RandomNetwork.Create(seed, random.Next(1, 9));
            int ranks = random.Next(1, 6);
            ClusterProfile cluster = TestClusters.Random(random, ranks);
            RankProgram[] programs = Lowering.AllRanks(network, RandomPlan.Create(network, ranks, random, reassociate: true), ranks);
            SimulatedRun run = Simulator.Run(network, programs, cluster);
            for (int rank = 0; rank < ranks; rank++)
            {
                Assert.Equal(programs[rank].Steps.Length, run.Ranks[rank].Length);
                Assert.Equal(programs[rank].BytesSent, run.Ranks[rank].Sum(step => step.BytesSent));
                Assert.Equal(programs[rank].BytesReceived, run.Ranks[rank].Sum(step => step.BytesReceived));
                double now = 0;
                foreach (SimulatedStep step in run.Ranks[rank])
                {
                    Assert.Equal(now, step.StartSeconds);
                    Assert.True(step.EndSeconds >= now && step.WaitSeconds >= 0);
                    now = step.EndSeconds;
                }

                // A rank goes on when its messages have left; others may arrive while it computes.
                HostProfile host = cluster.Hosts[rank];
                Assert.True(run.Seconds >= (run.ComputeSeconds(rank) + host.LinkSeconds(programs[rank].BytesSent, 0)) * (1 - 1e-9));
                Assert.True(run.Seconds >= host.LinkSeconds(programs[rank].BytesSent, programs[rank].BytesReceived) * (1 - 1e-9));
            }
        }
    }

    [Fact]
    public void Over_endless_links_a_simulated_rank_communicates_for_as_long_as_it_copies_and_what_moves_in_place_takes_nothing()
    {
        const double CopySeconds = 1e-6;
        int inPlace = 0;
        int packed = 0;
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            Network network = RandomNetwork.Create(seed, random.Next(1, 9));
            int ranks = random.Next(2, 6);
            HostProfile host = TestClusters.Host(latencySeconds: 0) with { LinkBytesPerSecond = 1e15, CopySecondsPerByte = CopySeconds };
            RankProgram[] programs = Lowering.AllRanks(network, RandomPlan.Create(network, ranks, random, reassociate: true), ranks);
            SimulatedRun run = Simulator.Run(network, programs, TestClusters.Of([.. Enumerable.Repeat(host, ranks)]));
            for (int rank = 0; rank < ranks; rank++)
            {
                Assert.Equal(programs[rank].Steps.Sum(CopiedBytes) * CopySeconds, run.CommunicateSeconds(rank), 1e-8);
                Message[] messages = [.. programs[rank].Steps.OfType<RedistributeStep>().SelectMany(step => step.Sends.Concat(step.Receives))];
                inPlace += messages.Count(message => message.Staging is null);
                packed += messages.Count(message => message.Staging is not null);
            }
        }

        Assert.True(inPlace > 100 && packed > 100, $"{inPlace} messages move in place, {packed} are packed");

        static long CopiedBytes(Step step) => step switch
        {
            RedistributeStep redistribute => Staged(redistribute.Sends) + redistribute.Local.Bytes + (redistribute.IsOpen ? 0 : Staged(redistribute.Receives)),
            FinishStep finish => Staged(finish.Receives),
            ReduceScatterStep reduce => Staged(reduce.Sends) + (reduce.Region.Bytes * (reduce.Sums.Length + (reduce.Rounding == ElementType.Float32 ? 0 : 1))),
            _ => 0,
        };

        static long Staged(ImmutableArray<Message> messages) => messages.Where(message => message.Staging is not null).Sum(message => message.Count * sizeof(float));
    }

    [Fact]
    public void One_simulated_rank_takes_as_long_as_its_operations()
    {
        Network network = ModelFile.Open(Repository.PathOf("models", "yolov2.cfg")).Network;
        SimulatedRun run = Simulator.Run(network, Lowering.AllRanks(network, UniformPlan.Create(network, 1, UniformStrategy.Whole), 1), ClusterProfile.Default(1));
        Assert.Equal(network.TotalFlops / 4e9, run.Seconds, 1e-6);
    }
}
