#:project ../src/DeeperThings.Kernels/DeeperThings.Kernels.csproj
// The kernels against the limits of this core, measured in the same run: the micro-kernels against FMAs on registers, fully-connected layers against reading memory;
// what a second thread gains in convolutions, and what a smaller workspace costs them.
//   dotnet run -c Release bench/kernels.cs
using System.Diagnostics;
using DeeperThings.Kernels;
using DeeperThings.Tensors;

const int Repeat = 9;

Console.WriteLine("| variant | FMA peak of a core, GFLOP/s | micro-kernel, GFLOP/s | of the peak |");
Console.WriteLine("|---|---|---|---|");
foreach (KernelVariant variant in KernelVariant.All.Where(variant => variant.IsSupported && variant.Name != "reference"))
{
    KernelSpeed speed = variant.Measure();
    Console.WriteLine($"| {variant} | {speed.PeakFlopsPerSecond / 1e9:F1} | {speed.MicroKernelFlopsPerSecond / 1e9:F1} | {100 * speed.Fraction:F0} % |");
}

Console.WriteLine();
Console.WriteLine("| threads | weights | reading memory, GB/s | fully connected | weights, GB/s | of reading |");
Console.WriteLine("|---|---|---|---|---|---|");
for (int threads = 1; threads <= Math.Min(2, Environment.ProcessorCount); threads++)
{
    using var workers = new WorkerPool(threads);
    foreach (ElementType type in (ReadOnlySpan<ElementType>)[ElementType.Float32, ElementType.Float16])
    {
        foreach ((int inputs, int outputs) in (ReadOnlySpan<(int, int)>)[(25088, 2048), (9216, 4096), (4096, 8192)])
        {
            double bandwidth = Roofline.Measure(workers).BytesPerSecond;
            double connected = Connect(inputs, outputs, type, workers);
            Console.WriteLine($"| {threads} | {type.ToString().ToLowerInvariant()} | {bandwidth / 1e9:F1} | {inputs} to {outputs} | {connected / 1e9:F1} | {100 * connected / bandwidth:F0} % |");
        }
    }
}

Console.WriteLine();
Console.WriteLine("| convolution | one thread, ms | two threads, ms | times faster |");
Console.WriteLine("|---|---|---|---|");
foreach ((int channels, int filters, int map, int size, int stride) in (ReadOnlySpan<(int, int, int, int, int)>)
    [(1024, 1024, 13, 3, 1), (512, 512, 14, 3, 1), (1024, 1024, 19, 3, 1), (256, 512, 38, 3, 1), (256, 256, 56, 3, 1), (64, 64, 224, 3, 1), (96, 256, 27, 5, 1), (3, 96, 227, 11, 4), (3, 64, 224, 7, 2)])
{
    var window = new Window(size, stride, 1, size / 2, size / 2);
    var input = new Shape(channels, map, map);
    ConvolutionShape shape = Convolution.Choose(new(channels, filters, 1, window, window), input);
    double[] seconds = [Convolve(shape, input, 1), Convolve(shape, input, 2)];
    Console.WriteLine($"| {size}×{size}/{stride}, {channels} to {filters} at {map}² | {seconds[0] * 1e3:F2} | {seconds[1] * 1e3:F2} | {seconds[0] / seconds[1]:F2} |");
}

Console.WriteLine();
Console.WriteLine("| convolution, 3×3 | algorithm | fastest workspace, ms | small, ms | times longer | expected | least, ms | times longer | expected |");
Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
foreach ((int channels, int filters, int rows, int columns) in (ReadOnlySpan<(int, int, int, int)>)
    [(256, 170, 28, 28), (256, 51, 56, 56), (512, 256, 14, 14), (64, 64, 56, 112), (64, 16, 56, 56), (256, 512, 19, 13), (1024, 170, 7, 10)])
{
    var window = new Window(3, 1, 1, 1, 1);
    var input = new Shape(channels, rows, columns);
    foreach (ConvolutionAlgorithm algorithm in Enum.GetValues<ConvolutionAlgorithm>())
    {
        var shape = new ConvolutionShape(channels, filters, 1, window, window) { Algorithm = algorithm };
        double fastest = Convolve(shape, input, 1);
        Console.WriteLine($"| {channels} to {filters} at {rows} × {columns} | {algorithm} | {fastest * 1e3:F2} | {Smaller(Workspace.Small)} | {Smaller(Workspace.Least)} |");

        string Smaller(Workspace workspace)
        {
            ConvolutionShape smaller = shape with { Workspace = workspace };
            double seconds = Convolve(smaller, input, 1);
            return $"{seconds * 1e3:F2} | {seconds / fastest:F2} | {smaller.WorkspaceCost(Region.Whole(shape.OutputShape(input)), Interval.All(channels)):F2}";
        }
    }
}

// Seconds of the fastest of some runs.
double Convolve(ConvolutionShape shape, Shape input, int threads)
{
    Region region = Region.Whole(shape.OutputShape(input));
    long inputFloats = Rounded((int)input.Count);
    long outputFloats = Rounded((int)region.Count);
    long packed = Rounded((int)Convolution.PackedCount(shape, region.Channels, Interval.All(input.Channels)));
    long scratch = Convolution.ScratchCount(shape, region, Interval.All(input.Channels));
    using var workers = new WorkerPool(threads);
    using var arena = new Arena((inputFloats + outputFloats + packed + scratch) * sizeof(float));
    var arguments = new ConvolutionArguments
    {
        Shape = shape,
        InputShape = input,
        Input = arena.FeatureMap(0, Region.Whole(input)),
        Channels = Interval.All(input.Channels),
        Packed = arena.Buffer(inputFloats * sizeof(float), packed),
        Output = arena.FeatureMap((inputFloats + packed) * sizeof(float), region),
        Region = region,
        Scratch = arena.Buffer((inputFloats + packed + outputFloats) * sizeof(float), scratch),
    };
    double fastest = double.PositiveInfinity;
    for (int i = 0; i < 4 * Repeat; i++)
    {
        long begin = Stopwatch.GetTimestamp();
        Convolution.Run(arguments, workers);
        fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(begin).TotalSeconds);
    }

    return fastest;
}

// Bytes of weights per second, of the fastest of some runs.
double Connect(int inputs, int outputs, ElementType type, WorkerPool workers)
{
    long packed = FullyConnected.PackedCount(new(0, outputs), new(0, inputs), type);
    using var arena = new Arena((packed + Rounded(inputs) + outputs) * sizeof(float));
    var arguments = new FullyConnectedArguments
    {
        Inputs = new(0, inputs),
        Input = arena.Buffer(packed * sizeof(float), inputs),
        Packed = arena.Buffer(0, packed),
        WeightType = type,
        Activation = Activation.Relu,
        Outputs = new(0, outputs),
        Output = arena.Buffer((packed + Rounded(inputs)) * sizeof(float), outputs),
    };
    double fastest = double.PositiveInfinity;
    for (int i = 0; i < 4 * Repeat; i++)
    {
        long begin = Stopwatch.GetTimestamp();
        FullyConnected.Run(arguments, workers);
        fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(begin).TotalSeconds);
    }

    return packed * sizeof(float) / fastest;
}

static long Rounded(long floats) => Arena.Align(floats * sizeof(float)) / sizeof(float);
