using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>
/// How the columns of a block of B are cut into micro-panels, of 3 vectors each. The last one is as many vectors wide as it needs; in place of one of 3 and one of a single vector, which does not
/// keep the machine busy, there are two of 2, unless <see cref="ColumnKernel"/> computes the last.
/// </summary>
internal readonly struct MicroPanels
{
    private const int Wide = 3;
    private const int Narrow = 2;

    private readonly int _columns;
    private readonly int _vectorFloats;
    private readonly int _vectors;
    private readonly int _wide;

    public MicroPanels(int columns, int vectorFloats)
    {
        _columns = columns;
        _vectorFloats = vectorFloats;
        _vectors = (columns + vectorFloats - 1) / vectorFloats;
        Count = (_vectors + Wide - 1) / Wide;
        bool isSingle = _vectors % Wide == 1 && _vectors > Wide;
        bool isFew = ColumnKernel.IsFaster(vectorFloats) && columns - ((_vectors - 1) * vectorFloats) <= ColumnKernel.MostColumns;
        _wide = isSingle && !isFew ? Count - 2 : Count;
    }

    public int Count { get; }

    /// <summary>
    /// How long a product of so many columns takes, in quarters of what each of many full vectors does. A single vector does not keep the machine busy; a few columns have a kernel of their own.
    /// </summary>
    public static long Quarters(long columns, int vectorFloats)
    {
        const int Vector = 4;
        const int SingleVector = 7;
        const int FewColumns = 3;
        long rest = columns % (Wide * vectorFloats);
        return ColumnKernel.IsFaster(vectorFloats) && rest is > 0 and <= ColumnKernel.MostColumns ? ((columns - rest) / vectorFloats * Vector) + FewColumns
            : rest > 0 && columns <= vectorFloats ? SingleVector
            : (columns + vectorFloats - 1) / vectorFloats * Vector;
    }

    /// <summary>The columns of a panel.</summary>
    public Interval this[int panel]
    {
        get
        {
            Interval vectors = Vectors(panel);
            return new(vectors.Start * _vectorFloats, Math.Min(vectors.End * _vectorFloats, _columns));
        }
    }

    /// <summary>The vectors of the panel that holds one.</summary>
    public Interval VectorsWith(int vector)
    {
        int panel = vector / Wide;
        return Vectors(panel < _wide ? panel : _wide + ((vector - (_wide * Wide)) / Narrow));
    }

    private Interval Vectors(int panel)
    {
        int narrow = Math.Max(0, panel - _wide);
        int start = ((panel - narrow) * Wide) + (narrow * Narrow);
        return new(start, Math.Min(start + (panel < _wide ? Wide : Narrow), _vectors));
    }
}
