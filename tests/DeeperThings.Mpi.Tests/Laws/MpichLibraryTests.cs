namespace DeeperThings.Mpi.Tests;

public class MpichLibraryTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("libno-such-mpi.so", "looked for libno-such-mpi.so")]
    [InlineData("libc.so.6", "libc.so.6 is not an MPI library")]
    public void A_missing_library_is_one_line_that_says_what_to_do(string library, string reason)
    {
        ProcessResult result = Launcher.RunAlone(
            s_limit, new() { ["DEEPERTHINGS_MPI_LIBRARY"] = library }, RankProgram.Scenario, "Healthy");
        Assert.Equal(
            $"[0/1 {Environment.MachineName}] MPICH was not found: {reason}; install it with: apt-get install mpich, or use --in-process\n", result.Error);
        Assert.Equal(5, result.ExitCode);
    }

    [Fact]
    public void A_library_that_is_missing_on_one_host_ends_all_ranks()
    {
        ProcessResult result = Launcher.RunWithOneOdd(
            2, "DEEPERTHINGS_MPI_LIBRARY", "libno-such-mpi.so", s_limit, RankProgram.Scenario, "Healthy");
        Assert.StartsWith($"[2/3 {Environment.MachineName}] MPICH was not found: looked for libno-such-mpi.so;", result.Error);
        Assert.Equal(5, result.ExitCode);
    }

    [Fact]
    public void Without_mpiexec_the_process_is_the_only_rank()
    {
        Assert.False(MpichCommunicator.IsLaunchedByMpiexec);
        ProcessResult result = Launcher.RunAlone(s_limit, [], RankProgram.Scenario, "Healthy");
        Assert.Equal((0, "", ""), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public void A_message_through_a_socket_ends_the_sleep_of_its_receiver()
    {
        ProcessResult result = Launcher.RunWith(
            3, new() { ["UCX_TLS"] = "tcp,self", ["UCX_NET_DEVICES"] = "lo" }, s_limit, RankProgram.Scenario, "MessageWakes");
        Assert.Equal((0, "", ""), (result.ExitCode, result.Output, result.Error));
    }
}
