using DeeperThings.Tensors;

namespace DeeperThings.Kernels;

/// <summary>How a depthwise convolution is cut: blocks of output rows, and a batch of filters whose zero-padded, phase-split input rows, and output rows at the same pitch, lie in the scratch at the same time.</summary>
internal readonly struct DepthwiseBlocking
{
    public DepthwiseBlocking(in ConvolutionShape shape, Region output)
    {
        (int slotTarget, int scratchTarget) = shape.Workspace switch
        {
            Workspace.Small => (12 * 1024, 64 * 1024),
            Workspace.Least => (6 * 1024, 16 * 1024),
            _ => (12 * 1024, 96 * 1024),
        };
        Phases = Math.Min(shape.Columns.Stride, shape.Columns.Extent);
        PhaseLength = output.Columns.Length + ((shape.Columns.Extent - 1) / shape.Columns.Stride);
        long pitch = (long)Phases * PhaseLength * shape.ChannelsPerGroup;
        long inputRows = slotTarget / pitch;
        Rows = (int)Math.Clamp(((inputRows - shape.Rows.Extent) / shape.Rows.Stride) + 1, 1, output.Rows.Length);
        ChannelCount = (((Rows - 1L) * shape.Rows.Stride) + shape.Rows.Extent) * Phases * PhaseLength;
        InputCount = (ChannelCount * shape.ChannelsPerGroup) + ConvolutionBlocking.Slack;
        WeightsOffset = InputCount + ((long)Rows * Phases * PhaseLength) + ConvolutionBlocking.Slack;
        SlotCount = WeightsOffset + (shape.WeightType == ElementType.Float16 ? shape.ChannelsPerGroup * shape.FilterArea : 0);
        Filters = (int)Math.Clamp(scratchTarget / SlotCount, 1, output.Channels.Length);
    }

    /// <summary>Output rows of a block.</summary>
    public int Rows { get; }

    /// <summary>Filters of a batch.</summary>
    public int Filters { get; }

    public int Phases { get; }

    public int PhaseLength { get; }

    /// <summary>Floats of one input channel of a slot.</summary>
    public long ChannelCount { get; }

    /// <summary>Floats of one filter's input, in front of its output, in a slot.</summary>
    public long InputCount { get; }

    /// <summary>Where in a slot float16 weights are expanded to.</summary>
    public long WeightsOffset { get; }

    /// <summary>Floats of one filter's slot.</summary>
    public long SlotCount { get; }

    public long Count => SlotCount * Filters;
}
