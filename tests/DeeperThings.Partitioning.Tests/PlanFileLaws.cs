using System.Text;
using DeeperThings.Models;
using DeeperThings.Partitioning;
using DeeperThings.TestSupport;

namespace DeeperThings.Partitioning.Tests;

public sealed class PlanFileLaws : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("plan").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_plan_is_read_as_it_was_written()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            (Network network, Plan plan) = RandomPlanOf(seed);
            string path = Path.Combine(_folder, "plan.json");
            PlanFile.Write(plan, path);
            Plan read = PlanFile.Read(path);
            read.Validate(network);
            Assert.Equal(PlanFile.ToJson(plan), PlanFile.ToJson(read));
            Assert.Equal(plan.Layers.AsEnumerable(), read.Layers);
            Assert.Single(Directory.GetFiles(_folder));
        }
    }

    [Fact]
    public void A_plan_for_another_model_is_refused()
    {
        (_, Plan plan) = RandomPlanOf(1);
        PlanException error = Assert.Throws<PlanException>(() => plan.Validate(RandomNetwork.Create(2, 6)));
        Assert.Contains("the plan is for model random-1", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "no plan")]
    [InlineData("[]", "no version number")]
    [InlineData("{}", "no version number")]
    [InlineData("{\"version\": 2}", "no plan")]
    [InlineData("{\"version\": 0}", "plan of version 0; this program reads version 2")]
    [InlineData("{\"version\": 99, \"other\": true}", "plan of version 99")]
    [InlineData("\u0000\u0001", "no plan")]
    public void What_is_no_plan_of_this_version_is_refused_in_one_line(string text, string expected)
    {
        PlanException error = Assert.Throws<PlanException>(() => PlanFile.Parse(Encoding.UTF8.GetBytes(text), "p.json"));
        Assert.StartsWith("p.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_missing_plan_is_reported_with_its_path() =>
        Assert.Contains("nowhere.json", Assert.Throws<PlanException>(() => PlanFile.Read(Path.Combine(_folder, "nowhere.json"))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_damaged_plan_never_gets_through()
    {
        (Network network, Plan plan) = RandomPlanOf(4);
        byte[] json = Encoding.UTF8.GetBytes(PlanFile.ToJson(plan));
        var random = new Random(6);
        for (int i = 0; i < 400; i++)
        {
            byte[] damaged = [.. json];
            damaged[random.Next(damaged.Length)] = (byte)random.Next(32, 127);
            Plan read;
            try
            {
                read = PlanFile.Parse(damaged, "p.json");
                read.Validate(network);
            }
            catch (PlanException)
            {
                continue;
            }

            // What is left can be lowered: a name has changed, or a bound or count, which lowering then notices.
            Assert.Equal(read.Ranks, Lowering.AllRanks(network, read.Layers, read.Ranks).Length);
        }
    }

    [Fact]
    public void Counts_that_are_not_those_of_the_layers_are_refused()
    {
        (Network network, Plan plan) = RandomPlanOf(6);
        Assert.Equal(plan.Counts.FootprintBytes[2], plan.ProgramFor(network, 2).FootprintBytes);
        Plan changed = plan with { Counts = plan.Counts with { BytesSent = plan.Counts.BytesSent.SetItem(2, 1) } };
        Assert.Contains("counts for rank 2", Assert.Throws<PlanException>(() => changed.ProgramFor(network, 2)).Message, StringComparison.Ordinal);
        Plan shorter = plan with { Counts = plan.Counts with { Messages = [] } };
        Assert.Throws<PlanException>(() => shorter.Validate(network));
    }

    [Fact]
    public void A_strategy_that_a_layer_cannot_have_is_refused()
    {
        (Network network, Plan plan) = RandomPlanOf(5);
        Layer layer = network.Layers.First(layer => !layer.IsIdentity);
        LayerPlan wrong = plan.Layers[layer.Index] with { Strategy = Strategy.LayerInput, Output = new OnRoot(), Inputs = null };
        Plan changed = plan with { Layers = plan.Layers.SetItem(layer.Index, wrong) };
        Assert.Contains(layer.Name, Assert.Throws<PlanException>(() => changed.Validate(network)).Message, StringComparison.Ordinal);
    }

    private static (Network Network, Plan Plan) RandomPlanOf(int seed)
    {
        Network network = RandomNetwork.Create(seed, 8);
        return (network, Plan.Create(network, 5, "random", RandomPlan.Create(network, 5, new Random(seed), true)));
    }
}
