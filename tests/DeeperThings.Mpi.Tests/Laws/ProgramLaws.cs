namespace DeeperThings.Mpi.Tests;

/// <summary>How a program of three ranks ends. Each case is an mpiexec start of its own, because it takes all ranks with it.</summary>
public abstract class ProgramLaws
{
    private const int Size = 3;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    [Fact]
    public void All_ranks_that_return_zero_end_with_zero_and_no_line() => AssertEnds("Healthy", 0);

    [Fact]
    public void A_rank_that_throws_ends_all_that_wait_for_its_message_with_one_line() =>
        AssertEnds("RankOneThrowsWhileOthersReceive", 2, $"[1/3 {Environment.MachineName}] the weights are truncated");

    [Fact]
    public void A_rank_that_throws_ends_all_that_wait_in_a_collective_operation() =>
        AssertEnds("RankOneThrowsWhileOthersMeet", 2, $"[1/3 {Environment.MachineName}] the weights are truncated");

    [Fact]
    public void The_deadline_names_the_silent_rank_and_not_the_one_that_answered() =>
        AssertEnds("RankTwoIsSilent", 4, $"[0/3 {Environment.MachineName}] no answer from rank 2 within 0.5 s");

    [Fact]
    public void The_deadline_ends_a_collective_operation()
    {
        ProcessResult result = Run("RankTwoMissesTheBarrier", s_limit);
        Assert.Equal(4, result.ExitCode);
        Assert.Matches(@"\[[01]/3 .*\] (no answer from rank 2|Barrier: not every rank arrived) within 0.5 s", result.Error);
    }

    [Fact]
    public void A_nonzero_result_of_one_rank_is_the_exit_code() => AssertEnds("RankOneReturnsThree", 3);

    [Fact]
    public void Of_different_results_the_first_nonzero_one_in_rank_order_is_the_exit_code() => AssertEnds("RanksReturnDifferentCodes", 2);

    [Fact]
    public void A_rank_that_returns_nonzero_early_ends_those_that_wait_for_it() => AssertEnds("RankOneReturnsThreeWhileOthersReceive", 3);

    [Fact]
    public void Abort_gives_its_code() => AssertEnds("RankOneAborts", 7);

    [Fact]
    public void A_message_shorter_than_its_receive_is_an_error() => AssertEnds(
        "MessageIsShorter", 4,
        $"[0/3 {Environment.MachineName}] rank 1 sent 8 floats with tag 5 where 9 were expected; the ranks do not run the same program");

    [Fact]
    public void A_message_longer_than_its_receive_is_an_error_that_names_the_sender()
    {
        ProcessResult result = Run("MessageIsLonger", s_limit);
        Assert.Equal(4, result.ExitCode);
        Assert.Contains("rank 1", Assert.Single(Lines(result)));
    }

    protected abstract ProcessResult Run(string scenario, TimeSpan limit);

    private static string[] Lines(ProcessResult result) => result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private void AssertEnds(string scenario, int exitCode, params string[] lines)
    {
        ProcessResult result = Run(scenario, s_limit);
        Assert.Equal(lines, Lines(result));
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Equal("", result.Output);
    }

    public sealed class Under_mpiexec : ProgramLaws
    {
        protected override ProcessResult Run(string scenario, TimeSpan limit) => Launcher.Run(Size, limit, RankProgram.Scenario, scenario);
    }

    public sealed class In_process : ProgramLaws
    {
        protected override ProcessResult Run(string scenario, TimeSpan limit)
        {
            var log = new StringWriter();
            Task<int> program = Task.Run(() => MpiProgram.RunInProcess(Size, Scenarios.All[scenario], log, Scenarios.ExitCode));
            Assert.True(program.Wait(limit), $"had not ended after {limit}");
            return new(program.Result, "", log.ToString(), 0);
        }
    }
}
