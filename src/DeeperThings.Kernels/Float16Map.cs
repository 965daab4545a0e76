using System.Numerics.Tensors;
using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>Feature maps on their way as float16, rounded to nearest even; beyond ±65504 they become infinite.</summary>
public static unsafe class Float16Map
{
    private const int Batch = 1024;

    /// <summary>Rounds a region in place.</summary>
    public static void Round(FeatureMap map, Region region)
    {
        Span<Half> halves = stackalloc Half[Batch];
        long run = Run(map, region);
        for (long start = 0; start < region.Count; start += run)
        {
            float* data = At(map, region, start);
            for (long i = 0; i < run; i += Batch)
            {
                var part = new Span<float>(data + i, (int)Math.Min(Batch, run - i));
                TensorPrimitives.ConvertToHalf(part, halves);
                TensorPrimitives.ConvertToSingle(halves[..part.Length], part);
            }
        }
    }

    /// <summary>Writes a region, channels × rows × columns, as halves.</summary>
    /// <param name="start">Number of the first half in <paramref name="target"/>.</param>
    public static void Pack(FeatureMap source, Region region, NativeBuffer target, long start)
    {
        Require.Stores(source, region, nameof(source));
        Require.Count(target, ElementType.Float16.Room(start + region.Count), nameof(target));
        long run = Run(source, region);
        for (long done = 0; done < region.Count; done += run)
        {
            TensorPrimitives.ConvertToHalf(new ReadOnlySpan<float>(At(source, region, done), (int)run), new Span<Half>((Half*)target.Data + start + done, (int)run));
        }
    }

    /// <summary>Reads a region that <see cref="Pack"/> has written.</summary>
    /// <param name="start">Number of the first half in <paramref name="source"/>.</param>
    public static void Unpack(NativeBuffer source, long start, FeatureMap target, Region region)
    {
        Require.Stores(target, region, nameof(target));
        Require.Count(source, ElementType.Float16.Room(start + region.Count), nameof(source));
        long run = Run(target, region);
        for (long done = 0; done < region.Count; done += run)
        {
            TensorPrimitives.ConvertToSingle(new ReadOnlySpan<Half>((Half*)source.Data + start + done, (int)run), new Span<float>(At(target, region, done), (int)run));
        }
    }

    /// <summary>Floats of a region that follow each other in the map: those of a row, or of a channel where its rows do.</summary>
    private static long Run(FeatureMap map, Region region)
    {
        bool wholeRows = region.Columns == map.Region.Columns;
        return (wholeRows ? region.Rows.Length : 1) * (long)region.Columns.Length;
    }

    /// <summary>Element number <paramref name="index"/> of a region, the first of a row.</summary>
    private static float* At(FeatureMap map, Region region, long index)
    {
        (long channel, long rest) = Math.DivRem(index, (long)region.Rows.Length * region.Columns.Length);
        return map.At(region.Channels.Start + (int)channel, region.Rows.Start + (int)(rest / region.Columns.Length), region.Columns.Start);
    }
}
