using System.Collections.Immutable;

namespace DeeperThings.Vision;

/// <summary>Reads a classifier's output: one number a class.</summary>
public static class Classifier
{
    public const int DefaultCount = 5;

    /// <summary>The <paramref name="count"/> largest numbers, largest first; equal ones by class index, NaN last.</summary>
    public static ImmutableArray<Classification> Top(ReadOnlySpan<float> output, ClassNames names, int count = DefaultCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        count = Math.Min(count, output.Length);
        Span<int> best = count <= 64 ? stackalloc int[count] : new int[count];
        int found = 0;
        for (int index = 0; index < output.Length; index++)
        {
            int place = found;
            while (place > 0 && output[index].CompareTo(output[best[place - 1]]) > 0)
            {
                place--;
            }

            if (place < count)
            {
                found = Math.Min(found + 1, count);
                best[place..(found - 1)].CopyTo(best[(place + 1)..]);
                best[place] = index;
            }
        }

        var classes = ImmutableArray.CreateBuilder<Classification>(count);
        foreach (int index in best)
        {
            classes.Add(new(names[index], index, output[index]));
        }

        return classes.MoveToImmutable();
    }
}
