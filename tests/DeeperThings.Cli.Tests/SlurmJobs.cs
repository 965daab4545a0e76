using System.Text.Json;
using DeeperThings.TestSupport;

namespace DeeperThings.Cli.Tests;

/// <summary>The sbatch script on a real Slurm of one node, where its packages are installed; with <c>./run.sh test --all</c> only.</summary>
public sealed class SlurmJobs : TemporaryFolder
{
    private const string State = "/run/deeperthings-slurm";
    private const int Ranks = 6;

    private static readonly string s_tool = Repository.PathOf("tools", "slurm", "one-machine.sh");

    [Fact]
    public void A_job_runs_the_plan_and_hands_on_its_exit_code()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("DEEPERTHINGS_TEST_ALL") is not null, "takes long: ./run.sh test --all");
        Assert.SkipUnless(Bash("command -v slurmctld && command -v slurmd && command -v munged").ExitCode == 0, "slurmctld, slurmd or munge is missing");
        Assert.SkipUnless(Environment.UserName == "root", "Slurm's daemons need root");
        Assert.SkipWhen(Directory.Exists(State), "a Slurm of one machine is up already");
        Bash($"{s_tool} up").Succeeded();
        try
        {
            string plan = Signs.Plan(Folder, Ranks, "tiled");
            string picture = Path.Combine(Signs.Samples, "sample0001.jpg");
            Submit(Ranks, plan, picture).Succeeded();
            Assert.Equal(Ranks, JsonDocument.Parse(File.ReadAllText(PathOf("results/run.json"))).RootElement.GetProperty("ranks").GetArrayLength());
            Assert.Equal(2, Submit(Ranks - 1, plan, picture).ExitCode);
        }
        finally
        {
            Bash($"{s_tool} down").Succeeded();
        }

        Assert.False(Directory.Exists(State));
    }

    private Finished Submit(int tasks, string plan, string picture) => Bash(
        $"cd '{Folder}' && SLURM_CONF={State}/slurm.conf DEEPERTHINGS='{Command.Program}' sbatch --wait -n {tasks} '{Repository.PathOf("tools", "slurm", "deeperthings.sbatch")}' '{Signs.Model}' '{plan}' '{picture}' '{PathOf("results")}'");

    private static Finished Bash(string command) => Command.Start("bash", ["-c", command], TimeSpan.FromMinutes(2), Command.NoEnvironment);
}
