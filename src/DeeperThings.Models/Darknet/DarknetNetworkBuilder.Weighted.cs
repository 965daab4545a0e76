using DeeperThings.Tensors;
using static DeeperThings.Models.Darknet.DarknetNetwork;

namespace DeeperThings.Models.Darknet;

internal sealed partial class DarknetNetworkBuilder
{
    private Convolution Convolutional(CfgSection section)
    {
        int filters = section.Int("filters", 1, 1, MaxDimension);
        int groups = section.Int("groups", 1, 1, MaxDimension);
        int size = section.Int("size", 1, 1, MaxWindow);
        int stride = section.Int("stride", 1, 1, MaxDimension);
        int padding = section.Flag("pad") ? size / 2 : section.Int("padding", 0, 0, size - 1);
        section.Refuse("stride_x", stride);
        section.Refuse("stride_y", stride);
        section.Refuse("dilation", 1);
        foreach (string key in (ReadOnlySpan<string>)["binary", "xnor", "bin_output", "flipped", "cbn", "antialiasing", "sway", "rotate", "stretch", "stretch_sway"])
        {
            section.Refuse(key, 0);
        }

        section.Refuse("share_index");
        Shape from = PreviousShape;
        if (filters % groups != 0)
        {
            throw section.Error("groups", $"{filters} filters are not divisible by {groups} groups");
        }

        if (from.Channels % groups != 0)
        {
            throw section.Error("groups", $"{from.Channels} input channels are not divisible by {groups} groups");
        }

        var window = new Window(size, stride, 1, padding, padding);
        return new Convolution
        {
            Index = Index,
            Kind = "convolutional",
            Inputs = [Previous],
            InputShapes = [from],
            Output = new(filters, Fit(section, window, from.Rows, "rows"), Fit(section, window, from.Columns, "columns")),
            RowWindow = window,
            ColumnWindow = window,
            Groups = groups,
            Activation = ActivationOf(section, Activation.Logistic),
            BatchNormalized = section.Flag("batch_normalize"),
        };
    }

    private FullyConnected Connected(CfgSection section) => new()
    {
        Index = Index,
        Kind = "connected",
        Inputs = [Previous],
        InputShapes = [PreviousShape],
        Output = new(section.Int("output", 1, 1, MaxDimension), 1, 1),
        Activation = ActivationOf(section, Activation.Logistic),
        BatchNormalized = section.Flag("batch_normalize"),
    };

    private LocallyConnected Local(CfgSection section)
    {
        int filters = section.Int("filters", 1, 1, MaxDimension);
        int size = section.Int("size", 1, 1, MaxWindow);
        int stride = section.Int("stride", 1, 1, MaxDimension);
        int padding = section.Int("pad", 0, 0, Math.Max(0, size - 1));
        Shape from = PreviousShape;
        var window = new Window(size, stride, 1, padding, padding);
        int rows = Fit(section, window, from.Rows, "rows");
        int columns = Fit(section, window, from.Columns, "columns");

        // Darknet computes the size of a padded local layer as if padding were (size - 1) / 2, then reads with the padding as written.
        if (padding != 0 && (rows != ((from.Rows - 1) / stride) + 1 || columns != ((from.Columns - 1) / stride) + 1))
        {
            throw section.Error("pad", $"Darknet has no meaning for it with size {size}; pad=0 or {(size - 1) / 2} is allowed");
        }

        return new LocallyConnected
        {
            Index = Index,
            Kind = "local",
            Inputs = [Previous],
            InputShapes = [from],
            Output = new(filters, rows, columns),
            RowWindow = window,
            ColumnWindow = window,
            Activation = ActivationOf(section, Activation.Logistic),
        };
    }

    private static int Fit(CfgSection section, Window window, int input, string axis)
    {
        int output = window.OutputLength(input);
        return output > 0
            ? output
            : throw section.Error($"a window of {window.Size} does not fit {input} {axis} with padding {window.PadBefore} + {window.PadAfter}");
    }
}
