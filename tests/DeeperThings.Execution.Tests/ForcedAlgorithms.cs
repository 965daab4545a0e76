using System.Diagnostics;

namespace DeeperThings.Execution.Tests;

/// <summary>The laws of random plans once more in a process of its own, with every convolution that can be computed by the forced algorithm computed by it.</summary>
public sealed class ForcedAlgorithms
{
    private const string Inner = "DEEPERTHINGS_TEST_INNER";

    [Theory]
    [InlineData("direct")]
    [InlineData("winograd")]
    public async Task Laws_of_random_plans_hold_with_each_algorithm_of_convolution_forced(string algorithm)
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable(Inner) is not null, "this is the inner run");
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "DeeperThings.Execution.Tests"), ["--filter-class", typeof(RandomPlanLaws).FullName!])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[Kernels.Convolution.AlgorithmVariable] = algorithm;
        start.Environment[Inner] = "1";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output + await errors);
    }
}
