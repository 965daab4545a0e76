using DeeperThings.Tensors;

namespace DeeperThings.Kernels.Tests;

public class WorkspaceTests
{
    public static TheoryData<Workspace, long> Limits => new() { { Workspace.Fastest, 1024 * 1024 }, { Workspace.Small, 64 * 1024 }, { Workspace.Least, 16 * 1024 } };

    [Theory]
    [Trait("run", "again")]
    [MemberData(nameof(Variants.Names), MemberType = typeof(Variants))]
    public void The_workspace_changes_no_bit(string name)
    {
        using var pool = new WorkerPool(2);
        foreach (ConvolutionProblem problem in ConvolutionProblem.Generate(60, seed: 21).Concat(ConvolutionProblem.Chosen()))
        {
            float[] expected = problem.Run(problem.Whole, Variants.Get(name), pool);
            foreach (Workspace workspace in new[] { Workspace.Small, Workspace.Least })
            {
                Bits.Equal(expected, problem.Run(problem.Whole, Variants.Get(name), pool, workspace: workspace), problem);
                Bits.Equal(expected, problem.Run(problem.Whole, Variants.Get(name), pool, guardFront: true, margin: 1, workspace: workspace), problem);
            }
        }
    }

    /// <summary>Layers as networks have them; a window whose rows alone are larger than the limit takes what it must.</summary>
    [Theory]
    [MemberData(nameof(Limits))]
    public void Scratch_is_at_most_the_workspace(Workspace workspace, long floats)
    {
        var random = new Random(3);
        (int Size, int Stride)[] windows = [(1, 1), (1, 2), (3, 1), (3, 2), (5, 1), (7, 2), (11, 4)];
        for (int i = 0; i < 4000; i++)
        {
            (int size, int stride) = windows[random.Next(windows.Length)];
            var window = new Window(size, stride, 1, size / 2, size / 2);
            int channels = random.Next(1, 3000);
            int filters = random.Next(5, 3000);
            int groups = random.Next(8) == 0 ? channels : 1;
            var shape = new ConvolutionShape(channels, groups > 1 ? channels : filters, groups, window, window) { Workspace = workspace };
            if (shape.CanWinograd && random.Next(2) == 0)
            {
                shape = shape with { Algorithm = ConvolutionAlgorithm.Winograd };
            }

            var region = new Region(Interval.All(shape.Filters), new(0, random.Next(1, 300)), new(0, random.Next(1, groups > 1 ? 300 : 700)));
            long count = Convolution.ScratchCount(shape, region, Interval.All(shape.ChannelsPerGroup));
            Assert.True(count >= 1 && count <= floats, $"{shape} {region}: {count} floats");
        }
    }

    /// <summary>What planner and simulation count: nothing for the fastest, and no less where there is less room.</summary>
    [Fact]
    public void A_smaller_workspace_costs_no_less_time()
    {
        var random = new Random(4);
        for (int i = 0; i < 2000; i++)
        {
            var window = new Window(random.Next(2) == 0 ? 3 : 5, 1, 1, 1, 1);
            int channels = random.Next(1, 2000);
            int filters = random.Next(5, 2000);
            var region = new Region(Interval.All(filters), new(0, random.Next(1, 120)), new(0, random.Next(1, 120)));
            foreach (ConvolutionAlgorithm algorithm in Enum.GetValues<ConvolutionAlgorithm>())
            {
                var shape = new ConvolutionShape(channels, filters, 1, window, window) { Algorithm = algorithm };
                double[] costs = [.. Enum.GetValues<Workspace>().Select(workspace => (shape with { Workspace = workspace }).WorkspaceCost(region, Interval.All(channels)))];
                Assert.Equal(1, costs[0]);
                Assert.True(costs[0] < costs[1] && costs[1] < costs[2], $"{shape} {region}: {string.Join(", ", costs)}");
            }
        }
    }

    [Fact]
    public void A_smaller_workspace_takes_less_for_the_layers_of_networks()
    {
        foreach ((int channels, int filters, int size, int map) in new[] { (64, 64, 3, 224), (256, 512, 3, 38), (1024, 1024, 3, 19), (512, 2048, 1, 19), (3, 64, 7, 112) })
        {
            var window = new Window(size, 1, 1, size / 2, size / 2);
            ConvolutionShape shape = Convolution.Choose(new(channels, filters, 1, window, window), new(channels, map, map));
            long[] counts = [.. Enum.GetValues<Workspace>().Select(workspace =>
                Convolution.ScratchCount(shape with { Workspace = workspace }, new(Interval.All(filters), Interval.All(map), Interval.All(map)), Interval.All(channels)))];
            Assert.True(counts[0] > counts[1] && counts[1] > counts[2], $"{shape}: {string.Join(", ", counts)}");
        }
    }
}
