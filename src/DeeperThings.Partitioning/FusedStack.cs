using System.Collections.Immutable;
using DeeperThings.Models;
using DeeperThings.Tensors;

namespace DeeperThings.Partitioning;

/// <summary>Tiled layers that compute their neighbours' margins too, so that nothing moves between them.</summary>
public static class FusedStack
{
    /// <returns>
    /// <paramref name="layers"/>, in which a layer with tiles has them widened to what tiled layers of the same grid behind it read of it:
    /// own(ℓ) = hull(own tile, receptive fields of what its readers own).
    /// </returns>
    public static ImmutableArray<LayerPlan> Of(Network network, ImmutableArray<LayerPlan> layers, int ranks)
    {
        LayerPlan[] plans = [.. layers];
        foreach (Layer layer in network.Layers.Reverse())
        {
            if (plans[layer.Index] is { Strategy: Strategy.Tiled, Output: Tiles tiles })
            {
                plans[layer.Index] = plans[layer.Index] with { Output = Widened(network, layer, tiles, plans, ranks) };
            }
        }

        return [.. plans];
    }

    private static Partition Widened(Network network, Layer layer, Tiles tiles, LayerPlan[] plans, int ranks)
    {
        (int rows, int columns) = (tiles.Rows.Count, tiles.Columns.Count);
        Interval[] rowParts = [.. Enumerable.Range(0, rows).Select(part => tiles.Rows[part])];
        Interval[] columnParts = [.. Enumerable.Range(0, columns).Select(part => tiles.Columns[part])];
        foreach (Layer reader in network.Layers.Skip(layer.Index + 1).Where(reader => plans[reader.Index].Strategy == Strategy.Tiled && IsGrid(plans[reader.Index].Output, rows, columns)))
        {
            var geometry = new LayerGeometry(reader, plans[reader.Index], ranks);
            foreach (int input in Enumerable.Range(0, reader.Inputs.Length).Where(input => network.Resolve(reader.Inputs[input]) == layer.Index))
            {
                for (int rank = 0; rank < ranks; rank++)
                {
                    Region need = geometry.Need(input)[rank];
                    if (!need.IsEmpty)
                    {
                        rowParts[rank / columns] = rowParts[rank / columns].Hull(need.Rows);
                        columnParts[rank % columns] = columnParts[rank % columns].Hull(need.Columns);
                    }
                }
            }
        }

        var wide = new OverlappingTiles(new([.. rowParts]), new([.. columnParts]));
        return wide.Owners(layer.Output, ranks).AsSpan().SequenceEqual(tiles.Owners(layer.Output, ranks)) ? tiles : wide;
    }

    private static bool IsGrid(Partition? output, int rows, int columns) => output switch
    {
        Tiles tiles => tiles.Rows.Count == rows && tiles.Columns.Count == columns,
        OverlappingTiles tiles => tiles.Rows.Count == rows && tiles.Columns.Count == columns,
        _ => false,
    };
}
