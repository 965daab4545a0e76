using DeeperThings.Tensors;

namespace DeeperThings.Partitioning;

/// <summary>
/// Places buffers in one arena so that two that are alive at the same step never overlap. One after the other, each at the lowest place where it fits: the
/// usual heuristic for this NP-hard problem (dynamic storage allocation). Of several orders the best counts; often it takes no more than what is alive at once.
/// </summary>
internal sealed class ArenaLayout
{
    private const int MostChanges = 24;

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
        (int peak, long live) = Peak();
        List<Slot> best = [];
        long least = long.MaxValue;
        foreach (IEnumerable<Slot> order in Orders(peak))
        {
            Try([.. order]);
        }

        // The buffer that ends last is placed first instead.
        List<Slot> changed = best;
        for (int change = 0; change < MostChanges && least > live; change++)
        {
            Place(changed);
            Slot last = changed.MaxBy(slot => slot.Offset + slot.Bytes)!;
            changed = [last, .. changed.Where(slot => slot != last)];
            Try(changed);
        }

        return Place(best);

        void Try(List<Slot> order)
        {
            if (least > live && Place(order) is var bytes && bytes < least)
            {
                (best, least) = (order, bytes);
            }
        }
    }

    /// <summary>The step at which most is alive, and how much: no arena can be smaller.</summary>
    private (int Step, long Bytes) Peak()
    {
        (int, long) peak = (0, 0);
        foreach (int step in _slots.Select(slot => slot.FirstStep).Distinct())
        {
            long live = _slots.Where(slot => slot.FirstStep <= step && step <= slot.LastStep).Sum(slot => slot.BytesFrom(step));
            peak = live > peak.Item2 ? (step, live) : peak;
        }

        return peak;
    }

    private IEnumerable<IEnumerable<Slot>> Orders(int peak)
    {
        yield return _slots.OrderByDescending(slot => slot.Bytes).ThenBy(slot => slot.FirstStep);
        yield return _slots.OrderByDescending(slot => slot.FirstStep <= peak && peak <= slot.LastStep).ThenByDescending(slot => slot.Bytes).ThenBy(slot => slot.FirstStep);
        yield return _slots.OrderByDescending(slot => slot.FirstStep <= peak && peak <= slot.LastStep).ThenByDescending(slot => slot.LastStep - slot.FirstStep).ThenByDescending(slot => slot.Bytes);
        yield return _slots.OrderByDescending(slot => slot.Bytes * (slot.LastStep - slot.FirstStep + 1)).ThenBy(slot => slot.FirstStep);
    }

    private static long Place(List<Slot> order)
    {
        long total = 0;
        var placed = new List<Slot>();
        foreach (Slot slot in order)
        {
            slot.Offset = LowestPlace(slot, placed);
            placed.Insert(~placed.BinarySearch(slot, SlotOrder.Instance), slot);
            total = Math.Max(total, slot.Offset + slot.Bytes);
        }

        return total;
    }

    /// <summary>A buffer that shrinks keeps its offset, so that only its size depends on when the other one is alive.</summary>
    /// <param name="placed">By offset.</param>
    private static long LowestPlace(Slot slot, List<Slot> placed)
    {
        Slot[] others = [.. placed.Where(slot.IsAliveWith)];
        long offset = 0;
        long before;
        do
        {
            before = offset;
            foreach (Slot other in others)
            {
                long end = other.Offset + other.BytesFrom(slot.FirstStep);
                if (offset < end && other.Offset < offset + slot.BytesFrom(other.FirstStep))
                {
                    offset = end;
                }
            }
        }
        while (offset != before);

        return offset;
    }

    internal sealed class Slot(int number, long bytes, int firstStep)
    {
        private int _shrinksAt = int.MaxValue;
        private long _bytesLeft;

        public int Number { get; } = number;

        public long Bytes { get; } = bytes;

        public int FirstStep { get; } = firstStep;

        public int LastStep { get; private set; } = firstStep;

        public long Offset { get; set; }

        /// <summary>The most that the buffer takes from <paramref name="step"/> on.</summary>
        public long BytesFrom(int step) => step > _shrinksAt ? _bytesLeft : Bytes;

        /// <summary>Behind <paramref name="step"/> only the first <paramref name="bytes"/> are used.</summary>
        public void ShrinkAt(int step, long bytes) => (_shrinksAt, _bytesLeft) = (step, Arena.Align(bytes));

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
