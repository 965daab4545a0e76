namespace DeeperThings.Vision.Tests;

public class ClassifierTests
{
    [Fact]
    public void The_largest_come_first_and_equal_ones_by_index()
    {
        var top = Classifier.Top([0.1f, 0.3f, 0.05f, 0.3f, 0.2f, 0.01f, 0.04f], new(["a", "b", "c"]));
        Assert.Equal([1, 3, 4, 0, 2], top.Select(item => item.ClassIndex));
        Assert.Equal(["b", "class 3", "class 4", "a", "c"], top.Select(item => item.Class));
        Assert.Equal(0.3f, top[0].Confidence);
    }

    [Fact]
    public void The_top_is_that_of_a_full_sort()
    {
        var random = new Random(5);
        for (int length = 0; length < 200; length += 7)
        {
            float[] output = [.. Enumerable.Range(0, length).Select(_ => random.Next(20) / 20f)];
            int[] expected = [.. Enumerable.Range(0, length).OrderByDescending(i => output[i]).ThenBy(i => i).Take(5)];
            Assert.Equal(expected, Classifier.Top(output, ClassNames.None).Select(item => item.ClassIndex));
        }
    }

    [Fact]
    public void Numbers_that_are_none_come_last() =>
        Assert.Equal([2, 1, 0, 3], Classifier.Top([float.NaN, -1, 1, float.NaN], ClassNames.None).Select(item => item.ClassIndex));

    [Fact]
    public void Classes_without_a_name_are_numbered()
    {
        var names = new ClassNames(["stop", "", "yield"]);
        Assert.Equal(["stop", "class 1", "yield", "class 17"], new[] { 0, 1, 2, 17 }.Select(index => names[index]));
        Assert.Equal("class 0", ClassNames.None[0]);
    }
}
