using DeeperThings.Tensors;

namespace DeeperThings.Kernels.Tests;

public class KernelVariantTests
{
    [Fact]
    public void The_current_variant_is_the_widest_supported_or_the_forced_one()
    {
        string? forced = Environment.GetEnvironmentVariable(KernelVariant.EnvironmentVariable);
        Assert.Equal(forced ?? KernelVariant.All.First(variant => variant.IsSupported).Name, KernelVariant.Current.Name);
    }

    [Fact]
    public void Packed_weights_and_scratch_of_a_shard_are_never_larger_than_those_of_the_whole()
    {
        foreach (ConvolutionProblem problem in ConvolutionProblem.Generate(50, seed: 11))
        {
            Region shard = problem.Whole with { Channels = new(0, (problem.Shape.Filters + 1) / 2) };
            Assert.True(Count(shard) <= Count(problem.Whole));
            Assert.True(
                Convolution.PackedCount(problem.Shape, shard.Channels, problem.AllChannels) <= Convolution.PackedCount(problem.Shape, problem.Whole.Channels, problem.AllChannels));

            long Count(Region region) => Convolution.ScratchCount(problem.Shape, region, problem.AllChannels);
        }
    }
}
