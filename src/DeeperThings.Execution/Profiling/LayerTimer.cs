using System.Diagnostics;
using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Mpi;
using DeeperThings.Partitioning;
using DeeperThings.Tensors;
using Convolution = DeeperThings.Models.Convolution;
using FullyConnected = DeeperThings.Models.FullyConnected;

namespace DeeperThings.Execution.Profiling;

/// <summary>Part of a layer with memory of its own, to be computed and timed again and again.</summary>
internal sealed class LayerTimer : IDisposable
{
    private readonly LayerWork _work;
    private readonly WorkerPool _workers;
    private readonly Arena _arena;
    private readonly FeatureMap _input;
    private readonly FeatureMap _output;
    private readonly NativeBuffer _weights;
    private readonly NativeBuffer _biases;
    private readonly NativeBuffer _scratch;
    private readonly List<double> _runs = [];

    /// <param name="work">Of a convolution, a fully-connected layer or max-pooling.</param>
    /// <param name="workers">Threads for the kernels.</param>
    public LayerTimer(LayerWork work, WorkerPool workers)
    {
        _work = work;
        _workers = workers;
        ConvolutionShape? shape = (work.Layer as Convolution)?.KernelShape(work.Algorithm);
        Region need = shape?.Need(work.Region, work.Layer.InputShapes[0], work.Channels) ?? work.Layer.ReceptiveField(0, work.Region);
        long scratch = shape is { } convolution ? Kernels.Convolution.ScratchCount(convolution, work.Region, work.Channels) : 0;
        long[] counts = [need.Count, work.Region.Count, work.WeightCount, work.Region.Channels.Length, scratch];
        _arena = new(counts.Sum(count => Arena.Align(count * sizeof(float))));
        long offset = 0;
        _input = new(Take(counts[0]), need);
        _output = new(Take(counts[1]), work.Region);
        _weights = Take(counts[2]);
        _biases = Take(counts[3]);
        _scratch = Take(counts[4]);

        NativeBuffer Take(long count)
        {
            NativeBuffer taken = _arena.Buffer(offset, count);
            offset += Arena.Align(count * sizeof(float));
            return taken;
        }
    }

    /// <summary>
    /// What a run takes: the mean of those that count but the fastest and the slowest quarter. With one thread seconds of the processor, so that neither a limit nor another
    /// program counts, but what interrupts and cold caches usually cost under them does; with several, on the clock.
    /// </summary>
    public double Seconds => MiddleMean.Of(_runs);

    /// <param name="counts">Whether the run is one of those of <see cref="Seconds"/>. It reads the same clocks if not: that makes a kernel see that a limited thread has used up its slice.</param>
    /// <returns>What it took.</returns>
    public double Run(bool counts)
    {
        long begin = Stopwatch.GetTimestamp();
        double processor = ProcessorClock.ThreadSeconds;
        Compute();
        processor = ProcessorClock.ThreadSeconds - processor;
        double seconds = _workers.Threads == 1 ? processor : Stopwatch.GetElapsedTime(begin).TotalSeconds;
        if (counts)
        {
            _runs.Add(seconds);
        }

        return seconds;
    }

    public void Dispose() => _arena.Dispose();

    private void Compute()
    {
        switch (_work.Layer)
        {
            case Convolution layer:
                Kernels.Convolution.Run(
                    new()
                    {
                        Shape = layer.KernelShape(_work.Algorithm),
                        InputShape = layer.InputShapes[0],
                        Input = _input,
                        Channels = _work.Channels,
                        Packed = _weights,
                        Bias = _biases,
                        Activation = layer.Activation,
                        Output = _output,
                        Region = _work.Region,
                        Scratch = _scratch,
                    },
                    _workers);
                break;
            case FullyConnected layer:
                Kernels.FullyConnected.Run(
                    new()
                    {
                        Inputs = layer.FlatInputs(_work.Channels),
                        Input = _input.Memory,
                        Packed = _weights,
                        Bias = _biases,
                        Activation = layer.Activation,
                        Outputs = _work.Region.Channels,
                        Output = _output.Memory,
                    },
                    _workers);
                break;
            case MaxPool layer:
                Pooling.Max(layer.RowWindow, layer.ColumnWindow, layer.InputShapes[0], _input, _output, _work.Region, _workers);
                break;
            default:
                throw new ArgumentException($"layer {_work.Layer.Name} is not timed alone");
        }
    }
}
