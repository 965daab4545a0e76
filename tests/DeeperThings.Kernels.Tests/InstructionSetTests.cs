using System.Diagnostics;
using System.Runtime.Intrinsics.X86;

namespace DeeperThings.Kernels.Tests;

/// <summary>The tests with the trait run=again, once more in a process of its own with fewer instructions: by hand <c>DOTNET_EnableAVX2=0 DeeperThings.Kernels.Tests --filter-trait run=again</c>.</summary>
public class InstructionSetTests
{
    private const string DigestVariable = "DEEPERTHINGS_TEST_DIGEST";

    [Theory]
    [InlineData("DOTNET_EnableAVX512")] // .NET 10's name of what was DOTNET_EnableAVX512F
    [InlineData("DOTNET_EnableAVX2")]
    [InlineData("DOTNET_EnableHWIntrinsic")]
    public async Task Tests_pass_without_newer_instructions(string setting)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "DeeperThings.Kernels.Tests"), ["--filter-trait", "run=again"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[setting] = "0";
        start.Environment[DigestVariable] = Digest().ToString();
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output + await errors);
    }

    [Fact]
    [Trait("run", "again")]
    public void Machines_with_fma_agree_bitwise_whatever_their_vector_width()
    {
        // Started by the test above it compares with that process; by itself, with a second computation.
        string expected = Environment.GetEnvironmentVariable(DigestVariable) ?? Digest().ToString();
        if (Fma.IsSupported)
        {
            Assert.Equal(expected, Digest().ToString());
        }
    }

    private static int Digest()
    {
        using var pool = new WorkerPool(1);
        uint digest = 0;
        foreach (ConvolutionProblem problem in ConvolutionProblem.Generate(40, seed: 7))
        {
            foreach (float value in problem.Run(problem.Whole, KernelVariant.Current, pool))
            {
                digest = (digest * 31) + BitConverter.SingleToUInt32Bits(value);
            }
        }

        return (int)digest;
    }
}
