using System.Collections.Immutable;
using DeeperThings.Models;
using DeeperThings.Tensors;

namespace DeeperThings.TestSupport;

/// <summary>Small networks with every kind of layer, in random order and with random connections, from a seed.</summary>
public sealed class RandomNetwork
{
    private static readonly Activation[] s_activations = [Activation.Linear, Activation.Leaky, Activation.Relu, Activation.Logistic];

    private readonly Random _random;
    private readonly Shape _input;
    private readonly ImmutableArray<Layer>.Builder _layers = ImmutableArray.CreateBuilder<Layer>();

    private RandomNetwork(int seed)
    {
        _random = new(seed);
        _input = new(_random.Next(1, 5), _random.Next(5, 21), _random.Next(5, 21));
    }

    private Shape Last => _layers.Count == 0 ? _input : _layers[^1].Output;

    private int LastIndex => _layers.Count - 1;

    public static Network Create(int seed, int layers)
    {
        var maker = new RandomNetwork(seed);
        while (maker._layers.Count < layers)
        {
            maker.AddBodyLayer();
        }

        maker.AddEnd();
        return new($"random-{seed}", maker._input, maker._layers.ToImmutable(), $"digest {seed}");
    }

    private void AddBodyLayer()
    {
        switch (_random.Next(14))
        {
            case 0 or 1 or 2 or 3:
                AddConvolution();
                break;
            case 4 or 5:
                AddMaxPool();
                break;
            case 6:
                AddConcatenate();
                break;
            case 7 or 8:
                AddShortcut();
                break;
            case 9 when Last.Rows * Last.Columns <= 200:
                int stride = _random.Next(1, 4);
                Add(new Upsample { Index = 0, Kind = "upsample", Inputs = [], InputShapes = [], Output = new(Last.Channels, Last.Rows * stride, Last.Columns * stride), Stride = stride, Scale = _random.Next(2) == 0 ? 1 : 0.5f });
                break;
            case 10 when Last.Channels % 4 == 0 && Last.Rows % 2 == 0 && Last.Columns % 2 == 0:
                Add(new Reorg { Index = 0, Kind = "reorg", Inputs = [], InputShapes = [], Output = new(Last.Channels * 4, Last.Rows / 2, Last.Columns / 2), Stride = 2 });
                break;
            case 11 when Last.Rows > 3 && Last.Columns > 3:
                int row = _random.Next(Last.Rows - 2);
                int column = _random.Next(Last.Columns - 2);
                Add(new Crop { Index = 0, Kind = "crop", Inputs = [], InputShapes = [], Output = new(Last.Channels, Last.Rows - row - 1, Last.Columns - column - 1), RowOffset = row, ColumnOffset = column, Scale = 2, Shift = -1 });
                break;
            case 12:
                Add(new Identity { Index = 0, Kind = "dropout", Inputs = [], InputShapes = [], Output = Last });
                break;
            case 13 when Last.Count < 2000:
                AddLocallyConnected();
                break;
            default:
                AddConvolution();
                break;
        }
    }

    private void AddConvolution()
    {
        int groups = new[] { 1, 1, 2, Last.Channels }.First(groups => Last.Channels % groups == 0 && (groups == 1 || _random.Next(3) == 0 || groups == Last.Channels));
        groups = _random.Next(3) == 0 ? groups : 1;
        int filters = groups * _random.Next(1, Math.Max(2, 20 / groups));
        Window rows = RandomWindow(Last.Rows);
        Window columns = _random.Next(2) == 0 && rows.OutputLength(Last.Columns) > 0 ? rows : RandomWindow(Last.Columns);
        Add(new Convolution
        {
            Index = 0,
            Kind = "convolutional",
            Inputs = [],
            InputShapes = [],
            Output = new(filters, rows.OutputLength(Last.Rows), columns.OutputLength(Last.Columns)),
            RowWindow = rows,
            ColumnWindow = columns,
            Groups = groups,
            Activation = s_activations[_random.Next(s_activations.Length)],
        });
    }

    private void AddLocallyConnected()
    {
        Window rows = RandomWindow(Last.Rows);
        Window columns = RandomWindow(Last.Columns);
        Add(new LocallyConnected
        {
            Index = 0,
            Kind = "local",
            Inputs = [],
            InputShapes = [],
            Output = new(_random.Next(1, 8), rows.OutputLength(Last.Rows), columns.OutputLength(Last.Columns)),
            RowWindow = rows,
            ColumnWindow = columns,
            Activation = Activation.Leaky,
        });
    }

    private void AddMaxPool()
    {
        Window rows = RandomWindow(Last.Rows);
        Window columns = RandomWindow(Last.Columns);
        Add(new MaxPool { Index = 0, Kind = "maxpool", Inputs = [], InputShapes = [], Output = new(Last.Channels, rows.OutputLength(Last.Rows), columns.OutputLength(Last.Columns)), RowWindow = rows, ColumnWindow = columns });
    }

    private void AddConcatenate()
    {
        int[] candidates = [.. Enumerable.Range(0, _layers.Count).Where(i => _layers[i].Output.Rows == Last.Rows && _layers[i].Output.Columns == Last.Columns)];
        if (candidates.Length == 0)
        {
            AddConvolution();
            return;
        }

        int groups = _random.Next(3) == 0 && candidates.All(i => _layers[i].Output.Channels % 2 == 0) ? 2 : 1;
        int[] inputs = [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => candidates[_random.Next(candidates.Length)])];
        Shape output = Last with { Channels = inputs.Sum(i => _layers[i].Output.Channels / groups) };
        Add(new Concatenate { Index = 0, Kind = "route", Inputs = [], InputShapes = [], Output = output, Groups = groups, Group = _random.Next(groups) }, inputs);
    }

    private void AddShortcut()
    {
        int[] candidates = [.. Enumerable.Range(0, _layers.Count).Where(i => FitsShortcut(_layers[i].Output))];
        if (candidates.Length == 0)
        {
            AddConvolution();
            return;
        }

        int from = candidates[_random.Next(candidates.Length)];
        Add(
            new Shortcut { Index = 0, Kind = "shortcut", Inputs = [], InputShapes = [], Output = Last, Alpha = 0.5f, Beta = 0.75f, Activation = Activation.Leaky },
            LastIndex,
            from);
    }

    /// <summary>Darknet requires one ratio, up or down, for rows and columns.</summary>
    private bool FitsShortcut(Shape from) =>
        Last.Columns / from.Columns == Last.Rows / from.Rows && from.Columns / Last.Columns == from.Rows / Last.Rows;

    private void AddEnd()
    {
        switch (_random.Next(4))
        {
            case 0:
                Add(new GlobalAveragePool { Index = 0, Kind = "avgpool", Inputs = [], InputShapes = [], Output = new(Last.Channels, 1, 1) });
                AddSoftmax();
                break;
            case 1:
                AddFullyConnected();
                AddFullyConnected();
                AddSoftmax();
                break;
            case 2:
                AddRegionHead();
                break;
            default:
                AddFullyConnected();
                break;
        }
    }

    private void AddFullyConnected() => Add(new FullyConnected
    {
        Index = 0,
        Kind = "connected",
        Inputs = [],
        InputShapes = [],
        Output = new(_random.Next(1, 40), 1, 1),
        Activation = s_activations[_random.Next(s_activations.Length)],
    });

    private void AddSoftmax() => Add(new Softmax { Index = 0, Kind = "softmax", Inputs = [], InputShapes = [], Output = Last });

    private void AddRegionHead()
    {
        const int Classes = 3;
        const int Anchors = 2;
        Add(new Convolution { Index = 0, Kind = "convolutional", Inputs = [], InputShapes = [], Output = Last with { Channels = Anchors * (5 + Classes) }, RowWindow = new(1), ColumnWindow = new(1), Activation = Activation.Linear });
        Add(new RegionHead { Index = 0, Kind = "region", Inputs = [], InputShapes = [], Output = Last, Classes = Classes, Anchors = [(1, 1), (2, 3)], Softmax = _random.Next(2) == 0 });
    }

    private Window RandomWindow(int length)
    {
        int size = _random.Next(1, Math.Min(5, length) + 1);
        int dilation = size > 1 && ((size - 1) * 2) + 1 <= length && _random.Next(4) == 0 ? 2 : 1;
        int stride = length > 6 ? _random.Next(1, 4) : 1;
        return new(size, stride, dilation, _random.Next(size), _random.Next(size));
    }

    private void Add(Layer layer, params int[] inputs)
    {
        int[] producers = inputs.Length == 0 ? [LastIndex] : inputs;
        _layers.Add(layer with
        {
            Index = _layers.Count,
            Inputs = [.. producers],
            InputShapes = [.. producers.Select(i => i == Network.Input ? _input : _layers[i].Output)],
        });
    }
}
