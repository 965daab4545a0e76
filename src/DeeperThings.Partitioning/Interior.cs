using DeeperThings.Tensors;
using Convolution = DeeperThings.Models.Convolution;

namespace DeeperThings.Partitioning;

/// <summary>What a rank can compute of a convolution from the part of the input that it owns, before the halo has come.</summary>
internal static class Interior
{
    /// <summary>To compute a part before the rest may take one operation more for so many of the part's.</summary>
    private const int LeastGain = 8;

    /// <summary>Floats of the widest vectors; narrower ones lose less at the edges of the parts.</summary>
    private const int Lanes = 16;

    /// <summary>Cut on the grid of tiles that are computed together, so that none is computed twice. Empty where nothing is received, or can be computed before it is.</summary>
    /// <param name="own">What the rank owns of the input.</param>
    public static Region Of(LayerGeometry layer, int rank, Region own)
    {
        Region all = layer.Computes(rank);
        if (layer.Layer is not Convolution convolution || layer.Strategy == Strategy.LayerInput || all.IsEmpty || own.IsEmpty || own.Contains(layer.Need(0)[rank]))
        {
            return Region.Empty;
        }

        int tile = convolution.KernelShape(layer.Algorithm).TileRows;
        Interval rows = Within(all.Rows, tile, part => own.Rows.Contains(layer.NeedFor(0, rank, all with { Rows = part }).Rows));
        Interval columns = Within(all.Columns, tile, part => own.Columns.Contains(layer.NeedFor(0, rank, all with { Columns = part }).Columns));
        Region interior = all with { Rows = rows, Columns = columns };
        return !interior.IsEmpty && own.Contains(layer.NeedFor(0, rank, interior)) ? interior : Region.Empty;
    }

    /// <summary>At most four boxes around it.</summary>
    public static List<Region> Border(Region all, Region interior)
    {
        List<Region> border = [];
        all.Subtract(interior, border);
        return border;
    }

    /// <summary>Whether the operations beside the exchange are many more than what the parts take beyond the whole: half-empty vectors, weights that are read again.</summary>
    public static bool Pays(LayerGeometry layer, int rank, Region interior)
    {
        Region all = layer.Computes(rank);
        long beside = Operations(interior);
        long extra = beside + Border(all, interior).Sum(Operations) - Operations(all);
        return LeastGain * extra <= beside;

        // What gathering a float and reading (with Winograd transforming) a weight cost in operations, is about what `profile` finds.
        long Operations(Region part)
        {
            LayerWork work = layer.Work(rank, part);
            (int perGathered, int perWeight) = work.IsWinograd ? (40, 80) : (20, 15);
            return work.BlockedFlops(Lanes) + (perGathered * work.Gathered(Lanes)) + (perWeight * work.WeightsRead);
        }
    }

    /// <summary>The longest part of an interval that is ready, cut at multiples of <paramref name="tile"/>; a part of what is ready is ready too.</summary>
    private static Interval Within(Interval all, int tile, Func<Interval, bool> isReady)
    {
        int start = all.Start;
        int end = all.End;
        while (start < end && !isReady(new(start, Math.Min(end, ((start / tile) + 1) * tile))))
        {
            start = ((start / tile) + 1) * tile;
        }

        while (end > start && !isReady(new(Math.Max(start, (end - 1) / tile * tile), end)))
        {
            end = (end - 1) / tile * tile;
        }

        return new(start, Math.Max(start, end));
    }
}
