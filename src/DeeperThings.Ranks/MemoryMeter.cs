namespace DeeperThings.Ranks;

/// <summary>What inferences take of this process's memory once it is warm: those after the first one of each input.</summary>
internal sealed class MemoryMeter
{
    private long _allocated;
    private int _collections;

    /// <summary>Managed bytes allocated by the inferences.</summary>
    public long ManagedBytesAllocated { get; private set; }

    /// <summary>Garbage collections during the inferences.</summary>
    public int Collections { get; private set; }

    /// <summary>Resident bytes after the first inference.</summary>
    public long ResidentBytesFirst { get; private set; }

    /// <summary>Resident bytes after the last inference.</summary>
    public long ResidentBytesLast { get; private set; }

    /// <summary>To be called after the first inference of an input.</summary>
    public void Begin()
    {
        if (ResidentBytesFirst == 0)
        {
            ResidentBytesFirst = Environment.WorkingSet;
        }

        _collections = GC.CollectionCount(0);
        _allocated = GC.GetTotalAllocatedBytes(precise: true);
    }

    /// <summary>To be called after the last inference of an input.</summary>
    public void End()
    {
        ManagedBytesAllocated += GC.GetTotalAllocatedBytes(precise: true) - _allocated;
        Collections += GC.CollectionCount(0) - _collections;
        ResidentBytesLast = Environment.WorkingSet;
    }
}
