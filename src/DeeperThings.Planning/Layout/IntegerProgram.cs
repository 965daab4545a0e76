namespace DeeperThings.Planning.Layout;

/// <summary>A linear function of the variables.</summary>
internal sealed class LinearSum
{
    private readonly Dictionary<int, long> _coefficients = [];

    public IReadOnlyDictionary<int, long> Coefficients => _coefficients;

    public LinearSum Add(int variable, long coefficient)
    {
        if (coefficient != 0)
        {
            _coefficients[variable] = _coefficients.GetValueOrDefault(variable) + coefficient;
        }

        return this;
    }

    public long Of(IReadOnlyList<long> values) => _coefficients.Sum(term => term.Value * values[term.Key]);

    public double Of(IReadOnlyList<double> values) => _coefficients.Sum(term => term.Value * values[term.Key]);
}

/// <summary>One constraint: lower ≤ sum ≤ upper.</summary>
/// <param name="Scale">Magnitude of its coefficients, by which the floating-point relaxation divides.</param>
internal sealed record Row(LinearSum Sum, long Lower, long Upper, double Scale);

/// <summary>Integer variables with bounds, and rows over them, without regard to who solves them. All numbers are integers, so optima are exact.</summary>
internal sealed class IntegerProgram
{
    public const long Infinity = long.MaxValue / 4;

    private readonly List<long> _upper = [];
    private readonly List<double> _units = [];
    private readonly List<Row> _rows = [];

    /// <summary>Upper bound of each variable; lower bounds are 0. A variable with upper bound 0 is out.</summary>
    public IReadOnlyList<long> Upper => _upper;

    /// <summary>Magnitude of each variable, by which the floating-point relaxation divides.</summary>
    public IReadOnlyList<double> Units => _units;

    public IReadOnlyList<Row> Rows => _rows;

    public int VariableCount => _upper.Count;

    public int AddVariable(long upper = 1, double unit = 1)
    {
        _upper.Add(upper);
        _units.Add(unit);
        return _upper.Count - 1;
    }

    public void AddRow(LinearSum sum, long lower, long upper, double scale = 1) => _rows.Add(new(sum, lower, upper, scale));

    public void FixAtZero(int variable) => _upper[variable] = 0;
}
