#:project ../src/DeeperThings.Kernels/DeeperThings.Kernels.csproj
// The kernels against the limits of this core, measured in the same run: the micro-kernels against FMAs on registers, fully-connected layers against reading memory.
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
Console.WriteLine("| threads | reading memory, GB/s | fully connected | weights, GB/s | of reading |");
Console.WriteLine("|---|---|---|---|---|");
for (int threads = 1; threads <= Math.Min(2, Environment.ProcessorCount); threads++)
{
    using var workers = new WorkerPool(threads);
    foreach ((int inputs, int outputs) in (ReadOnlySpan<(int, int)>)[(25088, 1024), (9216, 4096), (4096, 4096)])
    {
        double bandwidth = Roofline.Measure(workers).BytesPerSecond;
        double connected = Connect(inputs, outputs, workers);
        Console.WriteLine($"| {threads} | {bandwidth / 1e9:F1} | {inputs} to {outputs} | {connected / 1e9:F1} | {100 * connected / bandwidth:F0} % |");
    }
}

// Bytes of weights per second, of the fastest of some runs.
double Connect(int inputs, int outputs, WorkerPool workers)
{
    long packed = FullyConnected.PackedCount(new(0, outputs), new(0, inputs));
    using var arena = new Arena((packed + Rounded(inputs) + outputs) * sizeof(float));
    NativeBuffer weights = arena.Buffer(0, packed);
    NativeBuffer input = arena.Buffer(packed * sizeof(float), inputs);
    NativeBuffer output = arena.Buffer((packed + Rounded(inputs)) * sizeof(float), outputs);
    double fastest = double.PositiveInfinity;
    for (int i = 0; i < Repeat; i++)
    {
        long begin = Stopwatch.GetTimestamp();
        FullyConnected.Run(input, new(0, inputs), weights, default, Activation.Relu, output, new(0, outputs), default, workers);
        fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(begin).TotalSeconds);
    }

    return packed * sizeof(float) / fastest;
}

static long Rounded(long floats) => Arena.Align(floats * sizeof(float)) / sizeof(float);
