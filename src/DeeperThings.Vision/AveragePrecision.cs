using System.Collections.Immutable;

namespace DeeperThings.Vision;

/// <summary>What was found in a picture and what it shows.</summary>
public sealed record Judged(IReadOnlyList<Detection> Found, IReadOnlyList<GroundTruth> Truth);

/// <summary>Average precision: the area under the precision-recall curve, made monotone, of all detections of a class.</summary>
public static class AveragePrecision
{
    public const float DefaultOverlap = 0.5f;

    /// <summary>Mean over the classes that any picture shows; NaN when none shows one.</summary>
    /// <param name="pictures">Found and true objects of each picture.</param>
    /// <param name="overlap">Smallest intersection over union of a hit.</param>
    public static double Mean(IReadOnlyList<Judged> pictures, float overlap = DefaultOverlap)
    {
        int[] classes = [.. pictures.SelectMany(picture => picture.Truth).Select(truth => truth.ClassIndex).Distinct().Order()];
        return classes.Length == 0 ? double.NaN : classes.Average(classIndex => OfClass(pictures, classIndex, overlap));
    }

    /// <summary>
    /// Of one class; NaN when no picture shows it. A detection is a hit when the object of its class that it overlaps most is
    /// overlapped enough and not yet hit by a likelier one.
    /// </summary>
    public static double OfClass(IReadOnlyList<Judged> pictures, int classIndex, float overlap = DefaultOverlap)
    {
        ImmutableArray<Box>[] truth = [.. pictures.Select(picture => picture.Truth.Where(item => item.ClassIndex == classIndex).Select(item => item.Box).ToImmutableArray())];
        int total = truth.Sum(boxes => boxes.Length);
        if (total == 0)
        {
            return double.NaN;
        }

        var isHit = truth.Select(boxes => new bool[boxes.Length]).ToArray();
        var found = pictures
            .SelectMany((picture, index) => picture.Found.Where(item => item.ClassIndex == classIndex).Select(item => (item.Confidence, item.Box, Picture: index)))
            .OrderByDescending(item => item.Confidence)
            .ToArray();
        var precision = new double[found.Length];
        var recall = new double[found.Length];
        int hits = 0;
        for (int i = 0; i < found.Length; i++)
        {
            int best = Best(found[i].Box, truth[found[i].Picture], overlap);
            if (best >= 0 && !isHit[found[i].Picture][best])
            {
                isHit[found[i].Picture][best] = true;
                hits++;
            }

            precision[i] = (double)hits / (i + 1);
            recall[i] = (double)hits / total;
        }

        double area = 0;
        double highest = 0;
        for (int i = found.Length - 1; i >= 0; i--)
        {
            highest = Math.Max(highest, precision[i]);
            area += (recall[i] - (i == 0 ? 0 : recall[i - 1])) * highest;
        }

        return area;
    }

    /// <summary>The box that <paramref name="box"/> overlaps most, or -1 when that is not enough.</summary>
    private static int Best(Box box, ImmutableArray<Box> truth, float overlap)
    {
        int best = -1;
        float most = overlap;
        for (int i = 0; i < truth.Length; i++)
        {
            float common = box.IntersectionOverUnion(truth[i]);
            if (common > most || (common == most && best < 0))
            {
                best = i;
                most = common;
            }
        }

        return best;
    }
}
