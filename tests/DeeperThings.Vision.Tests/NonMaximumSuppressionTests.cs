namespace DeeperThings.Vision.Tests;

public class NonMaximumSuppressionTests
{
    [Fact]
    public void The_likeliest_of_overlapping_boxes_stays_and_a_suppressed_one_suppresses_nothing()
    {
        // Each overlaps the next by 60 of 140: 0.43; b and c overlap a chain; a (0.9) takes b (0.8), so c (0.7) stays.
        BoxCandidates candidates = Candidates(1, (new(0, 0, 100, 10), [0.9f]), (new(20, 0, 100, 10), [0.8f]), (new(40, 0, 100, 10), [0.7f]));
        new NonMaximumSuppression().Apply(candidates, 0.5f);
        Assert.Equal([0.9f, 0, 0.7f], Probabilities(candidates, 0));
    }

    [Fact]
    public void Overlap_must_be_more_than_the_limit()
    {
        BoxCandidates candidates = Candidates(1, (new(0, 0, 4, 1), [0.9f]), (new(2, 0, 4, 1), [0.8f]), (new(0, 0, 2, 1), [0.7f]));
        Assert.Equal(0.5f, candidates.Box(0).IntersectionOverUnion(candidates.Box(2)));
        new NonMaximumSuppression().Apply(candidates, 0.5f);
        Assert.Equal([0.9f, 0.8f, 0.7f], Probabilities(candidates, 0));
    }

    [Fact]
    public void Classes_do_not_suppress_each_other()
    {
        BoxCandidates candidates = Candidates(2, (new(0, 0, 4, 4), [0.9f, 0.1f]), (new(0, 0, 4, 4), [0.2f, 0.8f]));
        new NonMaximumSuppression().Apply(candidates);
        Assert.Equal([0.9f, 0], Probabilities(candidates, 0));
        Assert.Equal([0, 0.8f], Probabilities(candidates, 1));
    }

    [Fact]
    public void Of_equally_likely_boxes_the_first_stays()
    {
        BoxCandidates candidates = Candidates(1, (new(0, 0, 4, 4), [0.5f]), (new(0, 0, 4, 4), [0.5f]), (new(0, 0, 4, 4), [0.5f]));
        new NonMaximumSuppression().Apply(candidates);
        Assert.Equal([0.5f, 0, 0], Probabilities(candidates, 0));
    }

    [Fact]
    public void Boxes_without_area_suppress_nothing()
    {
        BoxCandidates candidates = Candidates(1, (new(1, 1, 0, 0), [0.9f]), (new(1, 1, 0, 0), [0.8f]), (new(1, 1, 4, 4), [0.7f]));
        new NonMaximumSuppression().Apply(candidates);
        Assert.Equal([0.9f, 0.8f, 0.7f], Probabilities(candidates, 0));
    }

    [Fact]
    public void What_stays_does_not_overlap_and_everything_else_overlaps_something_likelier_that_stays()
    {
        var random = new Random(3);
        for (int trial = 0; trial < 50; trial++)
        {
            var boxes = Enumerable.Range(0, 40).Select(_ => (
                new CentredBox(random.NextSingle() * 50, random.NextSingle() * 50, 5 + (random.NextSingle() * 20), 5 + (random.NextSingle() * 20)),
                new[] { random.NextSingle(), random.NextSingle() })).ToArray();
            BoxCandidates candidates = Candidates(2, boxes);
            new NonMaximumSuppression().Apply(candidates);
            for (int classIndex = 0; classIndex < 2; classIndex++)
            {
                float[] left = Probabilities(candidates, classIndex);
                int[] kept = [.. Enumerable.Range(0, 40).Where(i => left[i] > 0)];
                Assert.All(kept, i => Assert.Equal(boxes[i].Item2[classIndex], left[i]));
                for (int i = 0; i < 40; i++)
                {
                    bool isTaken = kept.Any(j => boxes[j].Item2[classIndex] > boxes[i].Item2[classIndex] && boxes[j].Item1.IntersectionOverUnion(boxes[i].Item1) > 0.45f);
                    Assert.Equal(left[i] == 0, isTaken);
                }
            }
        }
    }

    [Fact]
    public void Intersection_over_union_is_that_of_the_areas()
    {
        Assert.Equal(1, new Box(3, 4, 5, 6).IntersectionOverUnion(new(3, 4, 5, 6)));
        Assert.Equal(0, new Box(0, 0, 5, 5).IntersectionOverUnion(new(5, 5, 5, 5)));
        Assert.Equal(1 / 7f, new Box(0, 0, 2, 2).IntersectionOverUnion(new(1, 1, 2, 2)), 1e-6f);
    }

    private static BoxCandidates Candidates(int classes, params ReadOnlySpan<(CentredBox Box, float[] Probabilities)> boxes)
    {
        var candidates = new BoxCandidates(classes);
        foreach ((CentredBox box, float[] probabilities) in boxes)
        {
            probabilities.CopyTo(candidates.Add(box));
        }

        return candidates;
    }

    private static float[] Probabilities(BoxCandidates candidates, int classIndex) =>
        [.. Enumerable.Range(0, candidates.Count).Select(i => candidates.Probabilities(i)[classIndex])];
}
