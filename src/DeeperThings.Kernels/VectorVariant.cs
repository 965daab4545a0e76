using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>The operations on one vector width.</summary>
internal sealed unsafe class VectorVariant<TVector, TSimd>(string name, bool isSupported) : KernelVariant(name, isSupported)
    where TVector : unmanaged
    where TSimd : struct, ISimd<TVector>
{
    private const int PackedFloatsOfChunk = 4096;

    public override int VectorFloats => TSimd.Count;

    public override KernelSpeed Measure()
    {
        using var workers = new WorkerPool(1);
        using var operands = new Arena(MicroKernelWork<TVector, TSimd>.FloatsCount * sizeof(float));
        var work = new MicroKernelWork<TVector, TSimd>(operands.Buffer(0, MicroKernelWork<TVector, TSimd>.FloatsCount));
        double seconds = Roofline.Fastest(workers, 1, ref work);
        return new(PeakFlopsPerSecond(workers), MicroKernelWork<TVector, TSimd>.FlopsOfPiece / seconds);
    }

    internal override double PeakFlopsPerSecond(WorkerPool workers)
    {
        int pieces = 8 * workers.Threads;
        using var sums = new Arena((long)pieces * PeakWork<TVector, TSimd>.PieceFloats * sizeof(float));
        var work = new PeakWork<TVector, TSimd>(sums.Buffer(0, (long)pieces * PeakWork<TVector, TSimd>.PieceFloats));
        return pieces * PeakWork<TVector, TSimd>.FlopsOfPiece / Roofline.Fastest(workers, pieces, ref work);
    }

    internal override void Convolve(in ConvolutionArguments a, WorkerPool workers)
    {
        if (PackedFilters.IsDepthwise(a.Shape))
        {
            ConvolveDepthwise(a, workers);
            return;
        }

        if (a.Shape.Algorithm == ConvolutionAlgorithm.Winograd)
        {
            ConvolveWinograd(a, workers);
            return;
        }

        var filters = new PackedFilters(a.Shape, a.Region.Channels, a.Channels);
        int width = ConvolutionBlocking.StripColumns(a.Shape, a.Region);
        for (int column = a.Region.Columns.Start; column < a.Region.Columns.End; column += width)
        {
            Region strip = ConvolutionBlocking.Strip(a.Region, column, width);
            var blocking = new ConvolutionBlocking(a.Shape, strip, a.Channels);
            if (blocking.Parts > 1 || blocking.TryDivide(a.Shape, strip, a.Channels, workers.Threads, a.Scratch.Count, out blocking))
            {
                ConvolveParts(a, strip, filters, blocking, workers);
                continue;
            }

            for (int group = filters.FirstGroup; group < filters.EndGroup; group++)
            {
                ConvolveGroup(a, strip, filters, blocking, group, division: 0, a.Scratch.Data, workers);
            }
        }
    }

    internal override void FullyConnect(in DotRows rows, int count, WorkerPool workers)
    {
        var work = new DotWork<TVector, TSimd> { Rows = rows, Count = count };
        workers.Run(work.Pieces, ref work);
    }

    internal override void LocallyConnect(in LocallyConnectedArguments a, WorkerPool workers)
    {
        long patches = LocallyConnected.PatchCount(a.Shape, a.Region);
        long positions = (long)a.Region.Rows.Length * a.Region.Columns.Length;
        var gather = new PatchWork { Arguments = a };
        var work = new LocalDotWork<TVector, TSimd> { Arguments = a };
        for (long position = 0; position < positions; position += patches)
        {
            int count = (int)Math.Min(patches, positions - position);
            gather.FirstPosition = position;
            workers.Run(count, ref gather);
            work.FirstPosition = position;
            workers.Run(count * work.PiecesOfPosition, ref work);
        }
    }

    // Loops, outside in: n by Nc, k by Kc; the block of B is packed by all threads of the pool, then multiplied by them; within a piece, micro-panels of B by panels of A.
    internal static void ConvolveGroup(
        in ConvolutionArguments a, Region region, in PackedFilters filters, in ConvolutionBlocking blocking, int group, int division, float* scratch, WorkerPool workers)
    {
        float* packed = scratch + blocking.SlotsCount;
        Interval columns = blocking.ColumnsOf(division);
        Interval groupFilters = filters.GroupFilters(group);
        Interval filterInterval = blocking.FiltersOf(division, groupFilters, filters.PanelRows);
        var pack = new PackWork<TVector, TSimd>
        {
            Rows = new()
            {
                Input = a.Input,
                InputShape = a.InputShape,
                Rows = a.Shape.Rows,
                Columns = a.Shape.Columns,
                OutputColumns = region.Columns,
                Phases = blocking.Phases,
                PhaseLength = blocking.PhaseLength,
            },
            IsPointwise = blocking.IsPointwise,
            IsFar = blocking.IsPointwise && blocking.FilterParts > 1,
            Region = region,
            FirstChannel = (group * a.Shape.ChannelsPerGroup) + a.Channels.Start,
            ChunkChannels = blocking.Parts > 1 ? blocking.BlockChannels : Math.Max(1, PackedFloatsOfChunk / (blocking.Nc * a.Shape.FilterArea)),
            Slots = scratch,
            SlotCount = blocking.SlotCount,
            Packed = packed,
        };
        var tiles = new TileWork<TVector, TSimd>
        {
            Filters = a.Packed.Data + a.Shape.WeightType.Room(filters.GroupOffset(group) + ((long)(filterInterval.Start - groupFilters.Start) * blocking.K)),
            WeightType = a.Shape.WeightType,
            FilterInterval = filterInterval,
            PanelRows = filters.PanelRows,
            K = blocking.K,
            Packed = packed,
            Output = a.Output,
            Region = region,
            Bias = a.Bias.IsEmpty ? null : a.Bias.Data + (filterInterval.Start - region.Channels.Start),
            Activation = a.Activation,
        };
        for (int n = columns.Start; n < columns.End; n += blocking.Nc)
        {
            var ns = new Interval(n, Math.Min(n + blocking.Nc, columns.End));
            for (int k = 0; k < blocking.K; k += blocking.Kc)
            {
                var ks = new Interval(k, Math.Min(k + blocking.Kc, blocking.K));
                pack.Ns = ns;
                pack.Ks = ks;
                workers.Run(pack.Chunks, ref pack);
                tiles.Ns = ns;
                tiles.Ks = ks;
                tiles.ChoosePieces(workers.Threads);
                workers.Run(tiles.Pieces, ref tiles);
            }
        }
    }

    private static void ConvolveParts(in ConvolutionArguments a, Region region, in PackedFilters filters, in ConvolutionBlocking blocking, WorkerPool workers)
    {
        var work = new PartWork<TVector, TSimd> { Arguments = a, Region = region, Filters = filters, Blocking = blocking };
        for (int group = filters.FirstGroup; group < filters.EndGroup; group += blocking.Parts)
        {
            work.FirstGroup = group;
            workers.Run(Math.Min(blocking.Parts, filters.EndGroup - group) * blocking.Divisions, ref work);
        }
    }

    private static void ConvolveWinograd(in ConvolutionArguments a, WorkerPool workers)
    {
        var blocking = new WinogradBlocking(a.Shape, a.Region, a.Channels);
        if (blocking.TryDivide(workers.Threads, a.Scratch.Count, out WinogradBlocking divided))
        {
            var work = new WinogradParts<TVector, TSimd> { Arguments = a, Blocking = divided };
            workers.Run(divided.Divisions, ref work);
        }
        else
        {
            ConvolvePart(a, blocking, division: 0, a.Scratch.Data, workers);
        }
    }

    // Loops, outside in: blocks of tiles, of filters, of channels: V, unless it is there, then for units of channels U and M += U · V; after the last channel Y.
    internal static void ConvolvePart(in ConvolutionArguments a, in WinogradBlocking blocking, int division, float* scratch, WorkerPool workers)
    {
        Interval tiles = blocking.TilesOf(division);
        Interval panels = blocking.PanelsOf(division);
        float* transformedInputs = scratch + blocking.FiltersCount;
        float* products = transformedInputs + blocking.InputsCount;
        var input = new WinogradInput<TVector, TSimd>
        {
            Blocking = blocking,
            Input = a.Input,
            InputShape = a.InputShape,
            PadRows = a.Shape.Rows.PadBefore,
            PadColumns = a.Shape.Columns.PadBefore,
            Target = transformedInputs,
        };
        var product = new WinogradProduct<TVector, TSimd>
        {
            Blocking = blocking,
            Filters = scratch,
            Inputs = transformedInputs,
            Products = products,
            PackedStride = (nint)a.Shape.WeightType.Room((long)a.Channels.Length * a.Shape.FilterArea * WinogradBlocking.PanelRows),
        };
        var output = new WinogradOutput<TVector, TSimd>
        {
            Blocking = blocking,
            Products = products,
            Output = a.Output,
            Region = a.Region,
            Activation = a.Activation,
        };
        for (int tile = tiles.Start; tile < tiles.End; tile += blocking.BlockTiles)
        {
            var block = new Interval(tile, Math.Min(tile + blocking.BlockTiles, tiles.End));
            for (int firstPanel = panels.Start; firstPanel < panels.End; firstPanel += blocking.BlockPanels)
            {
                int endPanel = Math.Min(firstPanel + blocking.BlockPanels, panels.End);
                bool hasInputs = blocking.BlockChannels == a.Channels.Length && firstPanel > panels.Start;
                for (int channel = 0; channel < a.Channels.Length; channel += blocking.BlockChannels)
                {
                    var channels = new Interval(channel, Math.Min(channel + blocking.BlockChannels, a.Channels.Length));
                    if (!hasInputs)
                    {
                        input.Channels = channels.Shift(a.Channels.Start);
                        input.Tiles = block;
                        workers.Run(input.Pieces, ref input);
                    }

                    product.InputChannels = channels.Length;
                    product.Tiles = new(block.Length, TSimd.Count);
                    for (int unit = channels.Start; unit < channels.End; unit += blocking.UnitChannels)
                    {
                        product.Channels = new Interval(unit, Math.Min(unit + blocking.UnitChannels, channels.End)).Shift(-channel);
                        product.Accumulate = unit > 0;
                        MultiplyUnit(a, new(firstPanel, endPanel), panels.End, channel, product, workers);
                    }
                }

                int firstFilter = a.Region.Channels.Start + (firstPanel * WinogradBlocking.PanelRows);
                output.Filters = new(firstFilter, Math.Min(a.Region.Channels.Start + (endPanel * WinogradBlocking.PanelRows), a.Region.Channels.End));
                output.Tiles = block;
                output.Bias = a.Bias.IsEmpty ? null : a.Bias.Data + (firstPanel * WinogradBlocking.PanelRows);
                workers.Run(output.Pieces, ref output);
            }
        }
    }

    // Threads without parts of their own divide channels, then frequencies, and meet between them.
    private static void MultiplyUnit(in ConvolutionArguments a, Interval panels, int endPanel, int firstChannel, WinogradProduct<TVector, TSimd> product, WorkerPool workers)
    {
        ElementType type = a.Shape.WeightType;
        int channelCount = a.Shape.FilterArea * WinogradBlocking.PanelRows;
        int unitChannels = product.Blocking.UnitChannels;
        float* packed = a.Packed.Data + (panels.Start * product.PackedStride);
        Interval channels = product.Channels.Shift(firstChannel);
        bool isLast = channels.End == a.Channels.Length;
        int nextChannels = isLast ? unitChannels : Math.Min(unitChannels, a.Channels.Length - channels.End);
        int nextPanels = isLast ? endPanel - panels.End : panels.Length;
        var unit = new WinogradPanels<TVector, TSimd>
        {
            Filters = new()
            {
                Blocking = product.Blocking,
                WeightType = type,
                Packed = packed,
                K = a.Channels.Length * a.Shape.FilterArea,
                Channels = channels,
                Target = product.Filters,
            },
            Product = product,
            Panels = panels.Length,
            Weights = packed + type.Room((long)channels.Start * channelCount),
            WeightsCount = (int)type.Room((long)channels.Length * channelCount),
            NextWeights = isLast ? a.Packed.Data + (panels.End * product.PackedStride) : packed + type.Room((long)channels.End * channelCount),
            NextCount = (int)type.Room((long)nextChannels * channelCount),
            NextPanels = nextPanels,
        };
        if (workers.Threads == 1)
        {
            unit.Run();
            return;
        }

        for (int panel = 0; panel < panels.Length; panel += product.Blocking.UnitPanels)
        {
            unit.Filters.Packed = packed + (panel * product.PackedStride);
            unit.Filters.Panels = product.Panels = Math.Min(product.Blocking.UnitPanels, panels.Length - panel);
            workers.Run(unit.Filters.Pieces, ref unit.Filters);
            workers.Run(WinogradBlocking.Frequencies, ref product);
            product.Products += product.Panels * product.Blocking.PanelCount;
        }
    }

    private static void ConvolveDepthwise(in ConvolutionArguments a, WorkerPool workers)
    {
        var blocking = new DepthwiseBlocking(a.Shape, a.Region);
        nint* taps = stackalloc nint[DepthwiseWork<TVector, TSimd>.TapTable];
        var work = new DepthwiseWork<TVector, TSimd>
        {
            Input = new()
            {
                Input = a.Input,
                InputShape = a.InputShape,
                Rows = a.Shape.Rows,
                Columns = a.Shape.Columns,
                OutputColumns = a.Region.Columns,
                Phases = blocking.Phases,
                PhaseLength = blocking.PhaseLength,
            },
            Region = a.Region,
            Output = a.Output,
            Packed = a.Packed.Data,
            Bias = a.Bias.IsEmpty ? null : a.Bias.Data,
            Activation = a.Activation,
            ChannelsPerGroup = a.Shape.ChannelsPerGroup,
            ChannelCount = blocking.ChannelCount,
            InputCount = blocking.InputCount,
            WeightsOffset = blocking.WeightsOffset,
            SlotCount = blocking.SlotCount,
            WeightType = a.Shape.WeightType,
            Slots = a.Scratch.Data,
        };
        work.Input.TapOffsets(new(taps, DepthwiseWork<TVector, TSimd>.TapTable));
        work.Taps = taps;
        for (int filter = a.Region.Channels.Start; filter < a.Region.Channels.End; filter += blocking.Filters)
        {
            for (int row = a.Region.Rows.Start; row < a.Region.Rows.End; row += blocking.Rows)
            {
                work.FirstFilter = filter;
                work.OutputRows = new(row, Math.Min(row + blocking.Rows, a.Region.Rows.End));
                workers.Run(Math.Min(blocking.Filters, a.Region.Channels.End - filter), ref work);
            }
        }
    }
}
