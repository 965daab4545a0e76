using System.Collections.Immutable;
using DeeperThings.Tensors;

namespace DeeperThings.Partitioning;

/// <summary>
/// Layers that are run together, strip by strip: a streamed stack, in which every map but the last is only ever stored as a window of rows. Most layers are a
/// stack of their own, with one strip.
/// </summary>
public sealed class LayerStack(ImmutableArray<LayerGeometry> layers)
{
    /// <summary>From the first to the last; each but the first reads the one in front of it and nothing else.</summary>
    public ImmutableArray<LayerGeometry> Layers { get; } = layers;

    public LayerGeometry First => Layers[0];

    public LayerGeometry Last => Layers[^1];

    /// <summary>Rows of the last output, in the whole map's coordinates, that are computed one after the other.</summary>
    public IEnumerable<Interval> StripRows
    {
        get
        {
            int rows = Last.Layer.Output.Rows;
            int height = Last.StripRows == 0 ? Math.Max(1, rows) : Last.StripRows;
            for (int start = 0; start < rows; start += height)
            {
                yield return new(start, Math.Min(rows, start + height));
            }
        }
    }

    /// <summary>What <paramref name="rank"/> does in each strip in which it computes something.</summary>
    public ImmutableArray<Strip> StripsOf(int rank)
    {
        Region whole = Last.Computes(rank);
        Region[] strips = [.. StripRows.Select(rows => whole with { Rows = whole.Rows.Intersect(rows) }).Where(strip => !strip.IsEmpty)];
        var parts = new StripPart[strips.Length][];
        for (int strip = 0; strip < strips.Length; strip++)
        {
            parts[strip] = new StripPart[Layers.Length];
            parts[strip][^1] = new(strips[strip], whole, Region.Empty);
        }

        for (int layer = Layers.Length - 2; layer >= 0; layer--)
        {
            Region[] needs = [.. parts.Select(part => Layers[layer + 1].NeedFor(0, rank, part[layer + 1].Computed))];
            StripPart[] windows = Windows(Layers[layer], rank, needs);
            for (int strip = 0; strip < strips.Length; strip++)
            {
                parts[strip][layer] = windows[strip];
            }
        }

        return [.. parts.Select(part => new Strip([.. part]))];
    }

    /// <summary>
    /// The window of a map in each strip: from the first row that this or a later strip reads to the last one that has been computed. Rows are computed as
    /// soon as they are needed, and only once; with Winograd up to the end of their tiles, so that no tile is computed twice.
    /// </summary>
    private static StripPart[] Windows(LayerGeometry layer, int rank, Region[] needs)
    {
        Region own = layer.Own[rank];
        int step = layer.Layer is Models.Convolution convolution ? convolution.KernelShape(layer.Algorithm).TileRows : 1;
        var starts = new int[needs.Length];
        var ends = new int[needs.Length];
        var computed = new Interval[needs.Length];
        int start = own.Rows.Start;
        int end = own.Rows.Start;
        for (int strip = 0; strip < needs.Length; strip++)
        {
            Interval rows = needs[strip].Rows;
            if (!rows.IsEmpty)
            {
                start = rows.Start;
                int last = Math.Max(end, Math.Min(own.Rows.End, (rows.End + step - 1) / step * step));
                computed[strip] = new(Math.Max(end, start), last);
                end = last;
            }

            (starts[strip], ends[strip]) = (start, end);
        }

        int height = starts.Zip(ends, (first, last) => last - first).DefaultIfEmpty(0).Max();
        var parts = new StripPart[needs.Length];
        for (int strip = 0; strip < needs.Length; strip++)
        {
            int first = Math.Min(starts[strip], Math.Max(own.Rows.Start, end - height));
            Interval kept = strip == 0 ? default : new(starts[strip], ends[strip - 1]);
            parts[strip] = new(
                Part(computed[strip]),
                own with { Rows = new(first, first + height) },
                Part(kept));
        }

        return parts;

        Region Part(Interval rows) => rows.IsEmpty ? Region.Empty : own with { Rows = rows };
    }
}

/// <summary>What a rank does of one layer in one strip.</summary>
/// <param name="Computed">New rows.</param>
/// <param name="Stored">The window that is stored, in the map's own coordinates; of the last layer all that the rank computes.</param>
/// <param name="Kept">Rows of the strip before that are still needed.</param>
public readonly record struct StripPart(Region Computed, Region Stored, Region Kept);

/// <summary>What a rank does in one strip, per layer of the stack.</summary>
public sealed record Strip(ImmutableArray<StripPart> Parts)
{
    /// <summary>Rows of the last layer.</summary>
    public Region Computed => Parts[^1].Computed;
}
