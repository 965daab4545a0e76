using DeeperThings.Tensors;

namespace DeeperThings.Partitioning;

/// <summary>
/// Places buffers in one arena so that two that are alive at the same step never overlap. Largest first, each at the lowest
/// place where it fits; the usual heuristic for this NP-hard problem (dynamic storage allocation).
/// </summary>
internal sealed class ArenaLayout
{
    private readonly List<Slot> _slots = [];

    /// <summary>A buffer that is alive from <paramref name="step"/> on.</summary>
    public Slot Add(long bytes, int step)
    {
        var slot = new Slot(_slots.Count, Arena.Align(bytes), step);
        _slots.Add(slot);
        return slot;
    }

    /// <summary>Gives every buffer its offset.</summary>
    /// <returns>Bytes of the arena.</returns>
    public long Place()
    {
        long total = 0;
        var placed = new List<Slot>();
        foreach (Slot slot in _slots.OrderByDescending(slot => slot.Bytes).ThenBy(slot => slot.FirstStep))
        {
            long offset = 0;
            foreach (Slot other in placed.Where(slot.IsAliveWith))
            {
                if (offset + slot.Bytes <= other.Offset)
                {
                    break;
                }

                offset = Math.Max(offset, other.Offset + other.Bytes);
            }

            slot.Offset = offset;
            placed.Insert(~placed.BinarySearch(slot, SlotOrder.Instance), slot);
            total = Math.Max(total, offset + slot.Bytes);
        }

        return total;
    }

    internal sealed class Slot(int number, long bytes, int firstStep)
    {
        public int Number { get; } = number;

        public long Bytes { get; } = bytes;

        public int FirstStep { get; } = firstStep;

        public int LastStep { get; private set; } = firstStep;

        public long Offset { get; set; }

        /// <summary>Keeps the buffer alive until <paramref name="step"/>.</summary>
        public void UseAt(int step) => LastStep = Math.Max(LastStep, step);

        public bool IsAliveWith(Slot other) => FirstStep <= other.LastStep && other.FirstStep <= LastStep;
    }

    private sealed class SlotOrder : IComparer<Slot>
    {
        public static readonly SlotOrder Instance = new();

        public int Compare(Slot? x, Slot? y) =>
            x!.Offset != y!.Offset ? x.Offset.CompareTo(y.Offset) : x.Number.CompareTo(y.Number);
    }
}
