using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>What a convolution is, whichever part of it a rank computes. All sizes are those of the whole layer.</summary>
/// <param name="InputChannels">Channels of the whole input map.</param>
/// <param name="Filters">Channels of the whole output map.</param>
/// <param name="Groups">Filter f reads only the channels of group f / <see cref="FiltersPerGroup"/>.</param>
/// <param name="Rows">The window down the rows.</param>
/// <param name="Columns">The window along the columns.</param>
public readonly record struct ConvolutionShape(int InputChannels, int Filters, int Groups, Window Rows, Window Columns)
{
    /// <summary>Inputs of a tile of <see cref="ConvolutionAlgorithm.Winograd"/>, and frequencies that they are transformed to.</summary>
    public const int PatchArea = WinogradBlocking.Frequencies;

    // How many times longer smaller blocks take beside the work that they repeat; about what bench/kernels.cs measures.
    private const double DirectSmall = 1.05;
    private const double DirectLeast = 1.125;
    private const double WinogradSmall = 1.2;
    private const double WinogradLeast = 1.4;

    /// <summary>How it is computed; <see cref="ConvolutionAlgorithm.Winograd"/> only where <see cref="CanWinograd"/>.</summary>
    public ConvolutionAlgorithm Algorithm { get; init; }

    /// <summary>How much scratch it may take.</summary>
    public Workspace Workspace { get; init; }

    /// <summary>How packed weights are stored; no bit of the result depends on it but by their rounding.</summary>
    public ElementType WeightType { get; init; }

    /// <summary>3 × 3 or 5 × 5 windows at every position, one group, and filters in full panels.</summary>
    public bool CanWinograd =>
        Rows is { Size: 3 or 5, Stride: 1, Dilation: 1 } && Columns is { Stride: 1, Dilation: 1 } && Columns.Size == Rows.Size && Groups == 1 && Filters > 4;

    /// <summary>Rows of the whole output that are computed together, from multiples of them on.</summary>
    public int TileRows => Algorithm == ConvolutionAlgorithm.Winograd ? WinogradBlocking.TileSizeOf(this) : 1;

    public int ChannelsPerGroup => InputChannels / Groups;

    public int FiltersPerGroup => Filters / Groups;

    /// <summary>Weights of one filter for one channel.</summary>
    public int FilterArea => Rows.Size * Columns.Size;

    /// <summary>Tiles of <see cref="ConvolutionAlgorithm.Winograd"/> that hold some of a region of the output.</summary>
    public long Tiles(Region output) => WinogradBlocking.CountOf(output, WinogradBlocking.TileSizeOf(this));

    /// <summary>How often <see cref="ConvolutionAlgorithm.Winograd"/> reads and transforms each filter for a part of the output: once for each block of tiles.</summary>
    public int FilterTransforms(Region output, Interval channels) => new WinogradBlocking(this, output, channels).TileBlocks;

    /// <summary>How often <see cref="ConvolutionAlgorithm.Winograd"/> writes the products of a part of the output, and between two times reads them again: once for each block of channels.</summary>
    public int ProductWrites(Region output, Interval channels) => new WinogradBlocking(this, output, channels).ChannelBlocks;

    /// <summary>Size of the whole output over the whole input.</summary>
    public Shape OutputShape(Shape input) => new(Filters, Rows.OutputLength(input.Rows), Columns.OutputLength(input.Columns));

    /// <summary>
    /// What <paramref name="output"/> reads of the input map, clipped to it: the receptive field of the outputs, or with Winograd of the whole tiles that hold them. The input map of <see cref="Convolution.Run"/> must store this.
    /// </summary>
    public Region Need(Region output, Shape input, Interval channels)
    {
        if (output.IsEmpty)
        {
            return Region.Empty;
        }

        int firstGroup = output.Channels.Start / FiltersPerGroup;
        int lastGroup = (output.Channels.End - 1) / FiltersPerGroup;
        var need = new Region(
            new((firstGroup * ChannelsPerGroup) + channels.Start, (lastGroup * ChannelsPerGroup) + channels.End),
            Rows.ReceptiveField(Computed(output.Rows)),
            Columns.ReceptiveField(Computed(output.Columns)));
        return need.Intersect(Region.Whole(input));
    }

    /// <summary>
    /// As many positions, of many that are computed together, as take as long as <paramref name="columns"/> alone: those of whole vectors of <paramref name="vectorFloats"/> floats, where a single one
    /// is slower and one with few columns behind others faster.
    /// </summary>
    public static double ColumnsOf(long columns, int vectorFloats) => MicroPanels.Quarters(columns, vectorFloats) * vectorFloats / 4.0;

    /// <summary>
    /// How many times longer it takes to compute <paramref name="output"/> than with the fastest workspace: smaller blocks are slower (docs/kernels.md), and those of Winograd transform the input and
    /// the filters more often.
    /// </summary>
    public double WorkspaceCost(Region output, Interval channels) => (Workspace, Algorithm) switch
    {
        (Workspace.Fastest, _) => 1,
        (Workspace.Small, ConvolutionAlgorithm.Winograd) => WinogradSmall * Repeated(output, channels),
        (_, ConvolutionAlgorithm.Winograd) => WinogradLeast * Repeated(output, channels),
        (Workspace.Small, _) => DirectSmall,
        _ => DirectLeast,
    };

    private double Repeated(Region output, Interval channels) =>
        (double)new WinogradBlocking(this, output, channels).Work / new WinogradBlocking(this with { Workspace = Workspace.Fastest }, output, channels).Work;

    private Interval Computed(Interval outputs) => Algorithm == ConvolutionAlgorithm.Winograd ? WinogradBlocking.Outputs(outputs, WinogradBlocking.TileSizeOf(this)) : outputs;

    /// <exception cref="ArgumentException">A size is not positive, the algorithm cannot compute it, or the groups do not divide channels and filters.</exception>
    public void Validate()
    {
        if (InputChannels <= 0 || Filters <= 0 || Groups <= 0 || InputChannels % Groups != 0 || Filters % Groups != 0)
        {
            throw new ArgumentException($"{Groups} groups must divide {InputChannels} input channels and {Filters} filters");
        }

        ValidateWindow(Rows, nameof(Rows));
        ValidateWindow(Columns, nameof(Columns));
        if (Algorithm == ConvolutionAlgorithm.Winograd && !CanWinograd)
        {
            throw new ArgumentException($"{this}: Winograd takes 3 x 3 and 5 x 5 windows of stride 1 and dilation 1, one group, and more than 4 filters");
        }
    }

    internal void Validate(Interval filters, Interval channels)
    {
        Validate();
        if (!Interval.All(Filters).Contains(filters))
        {
            throw new ArgumentException($"filters {filters} are not in [0, {Filters})", nameof(filters));
        }

        if (Groups > 1 ? channels != Interval.All(ChannelsPerGroup) : !Interval.All(ChannelsPerGroup).Contains(channels))
        {
            throw new ArgumentException($"channels {channels} of {ChannelsPerGroup} a group; only a convolution with one group takes a part of them", nameof(channels));
        }
    }

    private static void ValidateWindow(Window window, string axis)
    {
        if (window.Size <= 0 || window.Stride <= 0 || window.Dilation <= 0)
        {
            throw new ArgumentException($"{axis}: size {window.Size}, stride {window.Stride} and dilation {window.Dilation} must be positive");
        }
    }
}
