using DeeperThings.Tensors;

namespace DeeperThings.Kernels.Tests;

[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public class AllocationTestsCollection;

/// <summary>Alone in the process, because the allocations of all threads are counted.</summary>
[Collection(nameof(AllocationTests))]
public class AllocationTests
{
    [Theory]
    [InlineData(1, 1, ConvolutionAlgorithm.Direct)]
    [InlineData(4, 2, ConvolutionAlgorithm.Direct)]
    [InlineData(8, 1, ConvolutionAlgorithm.Direct)]
    [InlineData(8, 2, ConvolutionAlgorithm.Direct)]
    [InlineData(1, 1, ConvolutionAlgorithm.Winograd)]
    [InlineData(1, 2, ConvolutionAlgorithm.Winograd)]
    public void Nothing_is_allocated_per_run(int groups, int threads, ConvolutionAlgorithm algorithm)
    {
        using var pool = new WorkerPool(threads);
        using var memory = new GuardedMemory();
        var window = new Window(3, 1, 1, 1, 1);
        var shape = new ConvolutionShape(16, groups <= 4 ? 24 : groups, groups, window, window) { Algorithm = algorithm };
        var local = shape with { Groups = 1, Algorithm = ConvolutionAlgorithm.Direct };
        var input = new Shape(16, 13, 13);
        Region region = Region.Whole(shape.OutputShape(input));
        Interval channels = Interval.All(shape.ChannelsPerGroup);
        var source = new FeatureMap(memory.Allocate(input.Count), Region.Whole(input));
        var target = new FeatureMap(memory.Allocate(region.Count), region);
        var convolution = new ConvolutionArguments
        {
            Shape = shape,
            InputShape = input,
            Input = source,
            Channels = channels,
            Packed = memory.Allocate(Convolution.PackedCount(shape, region.Channels, channels)),
            Activation = Activation.Leaky,
            Output = target,
            Region = region,
            Scratch = memory.Allocate(Convolution.ScratchCount(shape, region, channels)),
        };
        var locally = new LocallyConnectedArguments
        {
            Shape = local,
            InputShape = input,
            Input = source,
            Packed = memory.Allocate(LocallyConnected.PackedCount(local, region)),
            Output = target,
            Region = region,
            Scratch = memory.Allocate(LocallyConnected.ScratchCount(local, region)),
        };
        var pooled = new FeatureMap(memory.Allocate(16 * 6 * 6), new(new(0, 16), new(0, 6), new(0, 6)));
        var average = new FeatureMap(memory.Allocate(16), new(new(0, 16), new(0, 1), new(0, 1)));
        NativeBuffer vector = memory.Allocate(64);
        var connected = new FullyConnectedArguments
        {
            Inputs = new(0, 64),
            Input = vector,
            Packed = memory.Allocate(FullyConnected.PackedCount(new(0, 64), new(0, 64))),
            Outputs = new(0, 64),
            Output = vector,
        };

        Run();
        // The test runner's own threads allocate now and then; the kernels would in every round.
        long least = long.MaxValue;
        for (int round = 0; round < 20 && least > 0; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < 10; i++)
            {
                Run();
            }

            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.Equal(0, least);

        void Run()
        {
            Convolution.Run(convolution, pool);
            LocallyConnected.Run(locally, pool);
            FullyConnected.Run(connected, pool);
            Pooling.Max(window, window, input, source, source, Region.Whole(input), pool);
            Pooling.Max(new(2, 2), new(2, 2), input, source, pooled, pooled.Region, pool);
            Pooling.GlobalAverage(source, average, average.Region, pool);
            Elementwise.Shortcut(source, source, input, input, 1, 1, Activation.Relu, source, Region.Whole(input), pool);
            Elementwise.Upsample(pooled, source, new(new(0, 16), new(0, 12), new(0, 12)), 2, 1, pool);
            Elementwise.AddBias(target, region, default, Activation.Logistic);
            Elementwise.Add(target, target, region);
        }
    }
}
