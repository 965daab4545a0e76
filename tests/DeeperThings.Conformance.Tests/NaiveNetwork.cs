using DeeperThings.Models;
using DeeperThings.Tensors;

namespace DeeperThings.Conformance.Tests;

/// <summary>
/// Evaluates a network's layer records element by element, in double precision: what the importer says a cfg file means, independent of the kernels. For small
/// networks only.
/// </summary>
internal static class NaiveNetwork
{
    /// <summary>The output of every layer.</summary>
    public static double[][] Run(Network network, IWeightSource weights, ReadOnlySpan<float> input)
    {
        double[] first = [.. input.ToArray().Select(value => (double)value)];
        double[][] outputs = new double[network.Layers.Length][];
        foreach (Layer layer in network.Layers)
        {
            Map[] inputs = [.. layer.Inputs.Zip(layer.InputShapes, (producer, shape) => new Map(producer == Network.Input ? first : outputs[producer], shape))];
            outputs[layer.Index] = Output(layer, weights, inputs);
        }

        return outputs;
    }

    private static double[] Output(Layer layer, IWeightSource weights, Map[] inputs)
    {
        Map from = inputs[0];
        double[] output = new double[layer.Output.Count];
        switch (layer)
        {
            case Convolution conv:
                Convolve(conv, weights, from, output);
                return output;
            case FullyConnected connected:
                float[] biases = Biases(connected, weights);
                float[] filter = new float[connected.WeightsPerFilter];
                for (int i = 0; i < output.Length; i++)
                {
                    weights.ReadFilter(connected, i, Interval.All(connected.ChannelsPerFilter), filter);
                    output[i] = Activate(connected.Activation, biases[i] + filter.Select((weight, position) => weight * from.Data[position]).Sum());
                }

                return output;
            case LocallyConnected local:
                Local(local, weights, from, output);
                return output;
        }

        int index = 0;
        for (int c = 0; c < layer.Output.Channels; c++)
        {
            for (int h = 0; h < layer.Output.Rows; h++)
            {
                for (int w = 0; w < layer.Output.Columns; w++)
                {
                    output[index++] = Element(layer, inputs, c, h, w);
                }
            }
        }

        if (layer is Softmax or DetectionHead)
        {
            Normalize(layer, output);
        }

        return output;
    }

    private static double Element(Layer layer, Map[] inputs, int c, int h, int w)
    {
        Map from = inputs[0];
        switch (layer)
        {
            case MaxPool pool:
                double best = double.NegativeInfinity;
                foreach ((int row, int column) in Positions(pool.RowWindow, pool.ColumnWindow, h, w).Where(position => from.Has(position.Row, position.Column)))
                {
                    best = Math.Max(best, from[c, row, column]);
                }

                return best;
            case GlobalAveragePool:
                return Enumerable.Range(0, from.Shape.Rows * from.Shape.Columns).Average(i => from[c, i / from.Shape.Columns, i % from.Shape.Columns]);
            case Concatenate route:
                int input = Enumerable.Range(0, inputs.Length).Single(i => route.Taken(i).Contains(c - route.ChannelOffset(i)));
                return inputs[input][c - route.ChannelOffset(input), h, w];
            case Shortcut shortcut:
                double sum = from[c, h, w];
                Region read = shortcut.ReceptiveField(1, new(new(c, c + 1), new(h, h + 1), new(w, w + 1)));
                if (!read.IsEmpty)
                {
                    sum = (shortcut.Alpha * sum) + (shortcut.Beta * inputs[1][c, read.Rows.Start, read.Columns.Start]);
                }

                return Activate(shortcut.Activation, sum);
            case Reorg reorg:
                // The input's memory read as C/s2 x sH x sW.
                int channels = from.Shape.Channels / (reorg.Stride * reorg.Stride);
                (int rows, int columns) = (from.Shape.Rows * reorg.Stride, from.Shape.Columns * reorg.Stride);
                return ReorgElement(from, reorg.Stride, channels, rows, columns, layer.Output, c, h, w);
            case Upsample upsample:
                return upsample.Scale * from[c, h / upsample.Stride, w / upsample.Stride];
            case Crop crop:
                return (from[c, h + crop.RowOffset, w + crop.ColumnOffset] * crop.Scale) + crop.Shift;
            case RegionHead region:
                int entry = c % (region.Coordinates + 1 + region.Classes);
                bool isLogistic = entry < 2 || (entry == region.Coordinates && !region.Background) || (entry > region.Coordinates && !region.Softmax);
                return isLogistic ? Activate(Activation.Logistic, from[c, h, w]) : from[c, h, w];
            case YoloHead yolo:
                return c % (5 + yolo.Classes) is 2 or 3 ? from[c, h, w] : Activate(Activation.Logistic, from[c, h, w]);
            default:
                return from[c, h, w];
        }
    }

    /// <summary>Darknet's loop over the input (k, j, i), run backwards: its element (k, j, i) of the C x H x W loop comes from (k % c', j·s + ..., i·s + ...) of C/s² x sH x sW.</summary>
    private static double ReorgElement(Map from, int stride, int channels, int rows, int columns, Shape output, long channel, int h, int w)
    {
        // Position in memory of the output element, taken as an element of the C x H x W map that Darknet loops over.
        long memory = (((channel * output.Rows) + h) * output.Columns) + w;
        long k = memory / (from.Shape.Rows * (long)from.Shape.Columns);
        long j = memory / from.Shape.Columns % from.Shape.Rows;
        long i = memory % from.Shape.Columns;
        long offset = k / channels;
        long column = (i * stride) + (offset % stride);
        long row = (j * stride) + (offset / stride);
        return from.Data[column + (columns * (row + (rows * (k % channels))))];
    }

    private static void Normalize(Layer layer, double[] output)
    {
        switch (layer)
        {
            case Softmax softmax:
                int length = output.Length / softmax.Groups;
                for (int group = 0; group < softmax.Groups; group++)
                {
                    SoftmaxOver(output, group * length, length, 1, softmax.Temperature);
                }

                break;
            case RegionHead { Softmax: true } region:
                int entries = region.Coordinates + 1 + region.Classes;
                int plane = region.Output.Rows * region.Output.Columns;
                int background = region.Background ? 1 : 0;
                for (int anchor = 0; anchor < region.Anchors.Length; anchor++)
                {
                    for (int cell = 0; cell < plane; cell++)
                    {
                        SoftmaxOver(output, (((anchor * entries) + region.Coordinates + 1 - background) * plane) + cell, region.Classes + background, plane, 1);
                    }
                }

                break;
            case GridHead { Softmax: true } grid:
                for (int cell = 0; cell < grid.Side * grid.Side; cell++)
                {
                    SoftmaxOver(output, cell * grid.Classes, grid.Classes, 1, 1);
                }

                break;
        }
    }

    private static void SoftmaxOver(double[] values, int start, int count, int stride, double temperature)
    {
        double largest = Enumerable.Range(0, count).Max(i => values[start + (i * stride)]);
        double sum = Enumerable.Range(0, count).Sum(i => Math.Exp((values[start + (i * stride)] - largest) / temperature));
        for (int i = 0; i < count; i++)
        {
            values[start + (i * stride)] = Math.Exp((values[start + (i * stride)] - largest) / temperature) / sum;
        }
    }

    private static void Convolve(Convolution conv, IWeightSource weights, Map from, double[] output)
    {
        float[] biases = Biases(conv, weights);
        float[] filter = new float[conv.WeightsPerFilter];
        int index = 0;
        for (int f = 0; f < conv.Filters; f++)
        {
            weights.ReadFilter(conv, f, Interval.All(conv.ChannelsPerFilter), filter);
            int start = f / (conv.Filters / conv.Groups) * conv.ChannelsPerFilter;
            for (int h = 0; h < conv.Output.Rows; h++)
            {
                for (int w = 0; w < conv.Output.Columns; w++)
                {
                    output[index++] = Activate(conv.Activation, biases[f] + Dot(filter, from, start, conv.ChannelsPerFilter, conv.RowWindow, conv.ColumnWindow, h, w));
                }
            }
        }
    }

    private static void Local(LocallyConnected local, IWeightSource weights, Map from, double[] output)
    {
        float[] filter = new float[local.WeightsPerFilter];
        float[] bias = new float[1];
        int index = 0;
        for (int f = 0; f < local.Filters; f++)
        {
            for (int h = 0; h < local.Output.Rows; h++)
            {
                for (int w = 0; w < local.Output.Columns; w++)
                {
                    weights.ReadLocalFilter(local, h, w, f, filter);
                    weights.ReadLocalBiases(local, f, h, new(w, w + 1), bias);
                    output[index++] = Activate(local.Activation, bias[0] + Dot(filter, from, 0, local.ChannelsPerFilter, local.RowWindow, local.ColumnWindow, h, w));
                }
            }
        }
    }

    private static double Dot(float[] filter, Map from, int start, int channels, Window rows, Window columns, int h, int w)
    {
        double sum = 0;
        int weight = 0;
        for (int c = 0; c < channels; c++)
        {
            foreach ((int row, int column) in Positions(rows, columns, h, w))
            {
                sum += from.Has(row, column) ? filter[weight] * from[start + c, row, column] : 0;
                weight++;
            }
        }

        return sum;
    }

    private static IEnumerable<(int Row, int Column)> Positions(Window rows, Window columns, int h, int w) =>
        from i in Enumerable.Range(0, rows.Size)
        from j in Enumerable.Range(0, columns.Size)
        select ((h * rows.Stride) - rows.PadBefore + i, (w * columns.Stride) - columns.PadBefore + j);

    private static float[] Biases(WeightedLayer layer, IWeightSource weights)
    {
        float[] biases = new float[layer.Filters];
        weights.ReadBiases(layer, Interval.All(layer.Filters), biases);
        return biases;
    }

    private static double Activate(Activation activation, double x) => activation switch
    {
        Activation.Linear => x,
        Activation.Leaky => x > 0 ? x : 0.1 * x,
        Activation.Relu => Math.Max(x, 0),
        Activation.Logistic => 1 / (1 + Math.Exp(-x)),
        Activation.Loggy => (2 / (1 + Math.Exp(-x))) - 1,
        Activation.Tanh => Math.Tanh(x),
        Activation.Elu => x >= 0 ? x : Math.Exp(x) - 1,
        Activation.Selu => x >= 0 ? 1.0507 * x : 1.0507 * 1.6732 * (Math.Exp(x) - 1),
        Activation.Relie => x > 0 ? x : 0.01 * x,
        Activation.Ramp => Math.Max(x, 0) + (0.1 * x),
        Activation.HardTan => Math.Clamp(x, -1, 1),
        Activation.LhTan => x < 0 ? 0.001 * x : x > 1 ? (0.001 * (x - 1)) + 1 : x,
        Activation.Plse => x < -4 ? 0.01 * (x + 4) : x > 4 ? (0.01 * (x - 4)) + 1 : (0.125 * x) + 0.5,
        _ => Math.Floor(x) % 2 == 0 ? Math.Floor(x / 2) : x - Math.Floor(x) + Math.Floor(x / 2),
    };

    private readonly record struct Map(double[] Data, Shape Shape)
    {
        public double this[int channel, int row, int column] => Data[(((channel * Shape.Rows) + row) * Shape.Columns) + column];

        public bool Has(int row, int column) => row >= 0 && column >= 0 && row < Shape.Rows && column < Shape.Columns;
    }
}
