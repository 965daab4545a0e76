namespace DeeperThings.Vision.Tests;

public class AveragePrecisionTests
{
    private static readonly Box s_here = new(0, 0, 10, 10);
    private static readonly Box s_there = new(50, 50, 10, 10);
    private static readonly Box s_nowhere = new(100, 0, 10, 10);

    [Fact]
    public void Darknets_detections_of_the_samples_are_all_right_and_complete()
    {
        Judged[] pictures = [.. Signs.Samples.Select(sample =>
        {
            var json = Signs.Expected(sample);
            return new Judged(
                Signs.ExpectedDetections(sample),
                GroundTruth.Read(Signs.Labels(sample), json.GetProperty("image_width").GetInt32(), json.GetProperty("image_height").GetInt32()));
        })];
        Assert.Equal(1.0, AveragePrecision.Mean(pictures), 1e-12);
    }

    [Fact]
    public void The_area_is_under_the_monotone_curve()
    {
        // Hit, miss, hit of 2 objects: precision 1, 1/2, 2/3 at recall 1/2, 1/2, 1 -> 1/2 · 1 + 1/2 · 2/3.
        Judged picture = new([Found(0, 0.9f, s_here), Found(0, 0.8f, s_nowhere), Found(0, 0.7f, s_there)], [new(0, s_here), new(0, s_there)]);
        Assert.Equal(5.0 / 6, AveragePrecision.OfClass([picture], 0), 1e-12);

        // Miss, hit, hit: precision 1/2 at recall 1/2 is lifted to the 2/3 that follows.
        picture = new([Found(0, 0.9f, s_nowhere), Found(0, 0.8f, s_here), Found(0, 0.7f, s_there)], [new(0, s_here), new(0, s_there)]);
        Assert.Equal(2.0 / 3, AveragePrecision.OfClass([picture], 0), 1e-12);
    }

    [Fact]
    public void A_miss_before_the_only_hit_halves_it_and_an_object_that_is_not_found_counts()
    {
        Assert.Equal(0.5, AveragePrecision.OfClass([new([Found(0, 0.9f, s_nowhere), Found(0, 0.8f, s_here)], [new(0, s_here)])], 0), 1e-12);
        Assert.Equal(0.5, AveragePrecision.OfClass([new([Found(0, 0.9f, s_here)], [new(0, s_here), new(0, s_there)])], 0), 1e-12);
    }

    [Fact]
    public void An_object_is_hit_once_and_only_by_its_class_in_its_picture()
    {
        Assert.Equal(1, AveragePrecision.OfClass([new([Found(0, 0.9f, s_here), Found(0, 0.8f, s_here)], [new(0, s_here)])], 0), 1e-12);
        Assert.Equal(0, AveragePrecision.OfClass([new([Found(1, 0.9f, s_here)], [new(0, s_here)])], 0), 1e-12);
        Assert.Equal(0, AveragePrecision.OfClass([new([Found(0, 0.9f, s_here)], []), new([], [new(0, s_here)])], 0), 1e-12);
    }

    [Fact]
    public void The_overlap_decides_what_a_hit_is()
    {
        Judged picture = new([Found(0, 0.9f, new(0, 0, 10, 7))], [new(0, s_here)]);
        Assert.Equal(1, AveragePrecision.OfClass([picture], 0, 0.65f));
        Assert.Equal(0, AveragePrecision.OfClass([picture], 0, 0.75f));
    }

    [Fact]
    public void The_mean_is_over_the_classes_that_are_shown()
    {
        Judged picture = new([Found(3, 0.9f, s_here), Found(5, 0.9f, s_nowhere)], [new(3, s_here), new(4, s_there)]);
        Assert.Equal(0.5, AveragePrecision.Mean([picture]), 1e-12);
        Assert.True(double.IsNaN(AveragePrecision.Mean([])));
    }

    [Theory]
    [InlineData("0 0.5 0.5 0.1")]
    [InlineData("0 0.5 0.5 0.1 0.1 0.1")]
    [InlineData("-1 0.5 0.5 0.1 0.1")]
    [InlineData("stop 0.5 0.5 0.1 0.1")]
    [InlineData("0 0.5 x 0.1 0.1")]
    [InlineData("0 0.5 NaN 0.1 0.1")]
    public void A_label_line_of_another_form_is_an_error_with_its_line_number(string line)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.txt", System.Text.Encoding.UTF8.GetBytes($"0 0.5 0.5 0.1 0.1\n\n{line}\n"));
        Assert.StartsWith($"{path}:3: ", Assert.Throws<InputException>(() => GroundTruth.Read(path, 10, 10)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_are_relative_to_the_picture()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.txt", "7 0.5 0.25 0.5 0.1\r\n"u8.ToArray());
        GroundTruth truth = Assert.Single(GroundTruth.Read(path, 200, 100));
        Assert.Equal((7, new Box(50, 20, 100, 10)), (truth.ClassIndex, truth.Box));
    }

    private static Detection Found(int classIndex, float confidence, Box box) => new("x", classIndex, confidence, box);
}
