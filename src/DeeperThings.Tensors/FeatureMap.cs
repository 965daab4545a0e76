using System.Runtime.CompilerServices;

namespace DeeperThings.Tensors;

/// <summary>
/// A stored box of a feature map: <see cref="Region"/> says which part of the whole map lies here, in the map's own coordinates.
/// Layout: planar float32, columns fastest, then rows, then channels, without gaps. Only this project and the kernels know it;
/// everything else moves data through <see cref="CopyTo"/>.
/// </summary>
public readonly unsafe struct FeatureMap
{
    private readonly float* _data;

    /// <exception cref="ArgumentException"><paramref name="memory"/> has not exactly the floats of <paramref name="region"/>.</exception>
    public FeatureMap(NativeBuffer memory, Region region)
    {
        if (memory.Count != region.Count)
        {
            throw new ArgumentException($"{memory.Count} floats cannot store region {region} of {region.Count}", nameof(memory));
        }

        _data = memory.Data;
        Region = region;
    }

    /// <summary>What is stored here.</summary>
    public Region Region { get; }

    public bool IsEmpty => Region.IsEmpty;

    /// <summary>All of the stored floats.</summary>
    public NativeBuffer Memory => new(_data, Region.Count);

    /// <summary>Floats from one row to the next.</summary>
    public int RowStride => Region.Columns.Length;

    /// <summary>Floats from one channel to the next.</summary>
    public long ChannelStride => (long)Region.Rows.Length * Region.Columns.Length;

    /// <summary>Address of one element, in the whole map's coordinates; not checked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* At(int channel, int row, int column) => _data
        + ((channel - Region.Channels.Start) * ChannelStride)
        + ((long)(row - Region.Rows.Start) * RowStride)
        + (column - Region.Columns.Start);

    /// <summary>The stored columns of one row, in the whole map's coordinates.</summary>
    public Span<float> Row(int channel, int row)
    {
        if (!Region.Channels.Contains(channel) || !Region.Rows.Contains(row))
        {
            throw new ArgumentOutOfRangeException(nameof(row), $"channel {channel}, row {row} is not in {Region}");
        }

        return new(At(channel, row, Region.Columns.Start), RowStride);
    }

    /// <summary>The same memory under other channel numbers: channel c here is channel c + <paramref name="by"/> there.</summary>
    public FeatureMap ShiftChannels(int by) => new(Memory, Region.ShiftChannels(by));

    /// <summary>Whether <paramref name="region"/> lies in one run of memory, so that it can be sent and received in place.</summary>
    public bool IsContiguous(Region region) => IsContiguous(Region, region);

    /// <summary>Whether <paramref name="region"/> would lie in one run of memory of a map that stores <paramref name="stored"/>.</summary>
    public static bool IsContiguous(Region stored, Region region)
    {
        bool wholeRows = region.Columns == stored.Columns;
        bool wholeChannels = wholeRows && region.Rows == stored.Rows;
        return stored.Contains(region)
            && (wholeChannels || (region.Channels.Length == 1 && (wholeRows || region.Rows.Length == 1)));
    }

    /// <summary>The memory of a contiguous region.</summary>
    /// <exception cref="ArgumentException"><paramref name="region"/> is not contiguous here.</exception>
    public NativeBuffer Slice(Region region) => IsContiguous(region)
        ? new(At(region.Channels.Start, region.Rows.Start, region.Columns.Start), region.Count)
        : throw new ArgumentException($"region {region} is not contiguous in {Region}", nameof(region));

    /// <summary>Copies <paramref name="region"/>, which both must store, to the same place of <paramref name="target"/>. Packing a message is copying to a map that stores exactly its region.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One of the two does not store the region.</exception>
    public void CopyTo(FeatureMap target, Region region)
    {
        if (region.IsEmpty)
        {
            return;
        }

        if (!Region.Contains(region) || !target.Region.Contains(region))
        {
            throw new ArgumentOutOfRangeException(nameof(region), $"region {region} is not in both {Region} and {target.Region}");
        }

        float* from = At(region.Channels.Start, region.Rows.Start, region.Columns.Start);
        float* to = target.At(region.Channels.Start, region.Rows.Start, region.Columns.Start);
        bool wholeRows = region.Columns == Region.Columns && region.Columns == target.Region.Columns;
        bool wholeChannels = wholeRows && region.Rows == Region.Rows && region.Rows == target.Region.Rows;
        (long channels, long rows, long run) = (region.Channels.Length, region.Rows.Length, region.Columns.Length);
        (rows, run) = wholeRows ? (1, rows * run) : (rows, run);
        (channels, run) = wholeChannels ? (1, channels * run) : (channels, run);
        (long fromRow, long toRow) = (RowStride, target.RowStride);
        (long fromChannel, long toChannel) = (ChannelStride - (rows * fromRow), target.ChannelStride - (rows * toRow));
        for (; channels > 0; channels--, from += fromChannel, to += toChannel)
        {
            for (long row = 0; row < rows; row++, from += fromRow, to += toRow)
            {
                FloatRun.Copy(from, to, run);
            }
        }
    }
}
