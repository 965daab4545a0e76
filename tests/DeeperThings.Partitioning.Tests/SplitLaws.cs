using DeeperThings.Partitioning;

namespace DeeperThings.Partitioning.Tests;

public sealed class SplitLaws
{
    [Fact]
    public void Even_parts_cover_without_overlap_and_differ_by_at_most_one()
    {
        for (int length = 0; length <= 70; length++)
        {
            for (int parts = 1; parts <= 9; parts++)
            {
                Split split = Split.Even(length, parts);
                int[] sizes = [.. Enumerable.Range(0, parts).Select(part => split[part].Length)];
                Assert.Equal(length, sizes.Sum());
                Assert.True(sizes.Max() - sizes.Min() <= 1);
                Assert.Equal(sizes.OrderDescending(), sizes);
                Assert.True(length < parts || sizes.Min() > 0);
            }
        }
    }

    [Theory]
    [InlineData(new[] { 1, 2 })]
    [InlineData(new[] { 0, 3, 2 })]
    [InlineData(new[] { 0 })]
    [InlineData(new int[0])]
    public void Bounds_that_do_not_ascend_from_0_are_refused(int[] bounds) =>
        Assert.Contains("bounds must start at 0", Assert.Throws<PlanException>(() => new Split([.. bounds])).Message, StringComparison.Ordinal);
}
