using DeeperThings.Tensors;

namespace DeeperThings.Models.Darknet;

/// <summary>
/// Standard deviations for random weights that keep activations at a mean square near 1 through the whole network: He's rule, with mean and mean square of
/// the input estimated layer by layer (they grow at shortcuts and max-pools) and the part of the window that lies in the padding taken off.
/// Only + - * / and square roots are used, so that every platform finds the same numbers.
/// </summary>
internal static class WeightScale
{
    // An input image has values from 0 to 1, uniformly.
    private static readonly Moments s_image = new(0.5, 1d / 3);

    /// <summary>The standard deviation of each layer's weights; 0 for layers without any.</summary>
    public static double[] StandardDeviations(Network network)
    {
        double[] deviations = new double[network.Layers.Length];
        var outputs = new Moments[network.Layers.Length];
        foreach (Layer layer in network.Layers)
        {
            Moments first = Of(0);
            if (layer is WeightedLayer weighted)
            {
                deviations[layer.Index] = Math.Sqrt(1 / (Kept(weighted.Activation) * FanIn(weighted) * first.Square));
            }

            outputs[layer.Index] = layer switch
            {
                WeightedLayer filters => new(Rectified(filters.Activation), 1),

                // Neighbours are alike: the maximum of four grows less than that of four independent values.
                MaxPool pool when pool.RowWindow.Size > 1 => new(1.25 * first.Mean, 1.5 * first.Square),
                GlobalAveragePool => first with { Square = first.Square * (0.25 + (0.75 / (layer.InputShapes[0].Rows * (double)layer.InputShapes[0].Columns))) },
                Concatenate route => Mixed(route),
                Shortcut shortcut => Sum(shortcut, first, Of(1)),
                Upsample upsample => new(first.Mean * upsample.Scale, first.Square * upsample.Scale * upsample.Scale),
                Crop { Scale: 2 } => new(0, 1d / 3),
                _ => first,
            };

            Moments Of(int input) => layer.Inputs[input] == Network.Input ? s_image : outputs[layer.Inputs[input]];

            Moments Mixed(Concatenate route)
            {
                var mixed = default(Moments);
                for (int i = 0; i < route.Inputs.Length; i++)
                {
                    double share = route.Taken(i).Length / (double)route.Output.Channels;
                    mixed = new(mixed.Mean + (share * Of(i).Mean), mixed.Square + (share * Of(i).Square));
                }

                return mixed;
            }
        }

        return deviations;
    }

    private static Moments Sum(Shortcut shortcut, Moments previous, Moments from)
    {
        // What comes from far back has been rectified already and mostly stays as it is.
        double alpha = shortcut.Alpha;
        double beta = shortcut.Beta;
        double square = (Kept(shortcut.Activation) * alpha * alpha * previous.Square) + (beta * beta * from.Square) + (2 * alpha * beta * previous.Mean * from.Mean);
        square = Math.Max(1e-6, square);
        double rectified = Rectified(shortcut.Activation);
        return new(rectified > 0 ? rectified * Math.Sqrt(square) : (alpha * previous.Mean) + (beta * from.Mean), square);
    }

    /// <summary>Inputs of one output, on average: positions in the padding count nothing.</summary>
    private static double FanIn(WeightedLayer layer) => layer switch
    {
        Convolution conv => layer.ChannelsPerFilter
            * Inside(conv.RowWindow, layer.Output.Rows, layer.InputShapes[0].Rows)
            * Inside(conv.ColumnWindow, layer.Output.Columns, layer.InputShapes[0].Columns),
        LocallyConnected local => layer.ChannelsPerFilter
            * Inside(local.RowWindow, layer.Output.Rows, layer.InputShapes[0].Rows)
            * Inside(local.ColumnWindow, layer.Output.Columns, layer.InputShapes[0].Columns),
        _ => layer.WeightsPerFilter,
    };

    private static double Inside(Window window, int output, int input)
    {
        long positions = 0;
        for (int position = 0; position < output; position++)
        {
            positions += window.ReceptiveField(new(position, position + 1)).Intersect(Interval.All(input)).Length;
        }

        return (double)positions / output;
    }

    /// <summary>The part of a normal variable's mean square that an activation keeps.</summary>
    private static double Kept(Activation activation) => activation switch
    {
        Activation.Relu => 0.5,
        Activation.Leaky => 0.505,
        Activation.Relie => 0.50005,
        Activation.Ramp => 0.605,
        Activation.Elu => 0.645,
        _ => 1,
    };

    /// <summary>The mean of an activation's output at mean square 1; 0 for activations that keep the sign.</summary>
    private static double Rectified(Activation activation) => activation is Activation.Relu or Activation.Leaky or Activation.Relie or Activation.Ramp or Activation.Elu ? 0.5 : 0;

    private readonly record struct Moments(double Mean, double Square);
}
