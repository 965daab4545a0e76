// One rank against ONNX Runtime: the same model, weights, input and threads, in one run, in turn; first with one thread, then with two, and so on.
// In its turn each has some inferences, of which the first is not counted: it finds the other's data in the caches, and threads that sleep.
//   dotnet run -c Release --project bench/OnnxRuntimeComparison -- [MOST THREADS] [REPEAT] [MODEL.cfg...]
// Then each layer of ours against the roofline, whose two limits are measured in the same run: the larger of operations / FMA peak and bytes / bandwidth, with every weight,
// input and output moved once. Operations are those of direct convolution, also where Winograd does fewer: such a layer may exceed 100 %, as may one whose maps come from a cache.
using System.Diagnostics;
using DeeperThings.Bench;
using DeeperThings.Execution;
using DeeperThings.Kernels;
using DeeperThings.Models;
using DeeperThings.Models.Darknet;
using DeeperThings.Mpi;
using DeeperThings.Partitioning;
using Microsoft.ML.OnnxRuntime;

const int InTurn = 3;

int most = args.Length > 0 ? int.Parse(args[0]) : Math.Min(2, Environment.ProcessorCount);
int repeat = args.Length > 1 ? int.Parse(args[1]) : 9;
string[] models = args.Length > 2 ? args[2..] : ["models/vgg-16.cfg", "models/yolov2.cfg", "models/alexnet.cfg", "models/extraction.cfg"];
string folder = Directory.CreateTempSubdirectory("comparison").FullName;
try
{
    Console.WriteLine($"Median of {repeat}, kernels {KernelVariant.Current}, ONNX Runtime {OrtEnv.Instance().GetVersionString()}");
    var layers = new List<string>();
    for (int threads = 1; threads <= most; threads++)
    {
        using var workers = new WorkerPool(threads);
        Roofline roofline = Roofline.Measure(workers);
        Console.WriteLine();
        Console.WriteLine($"{threads} threads, FMA peak {roofline.FlopsPerSecond / 1e9:F0} GFLOP/s, reading memory {roofline.BytesPerSecond / 1e9:F0} GB/s:");
        Console.WriteLine();
        Console.WriteLine("| model | one rank, ms | ONNX Runtime, ms | times faster | GFLOP/s counted as direct | largest difference |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (string model in models)
        {
            Compare(model, workers, roofline, layers);
        }
    }

    Console.WriteLine();
    Console.WriteLine("| model | threads | layer | ms | GFLOP/s counted as direct | of the roofline |");
    Console.WriteLine("|---|---|---|---|---|---|");
    layers.ForEach(Console.WriteLine);
}
finally
{
    Directory.Delete(folder, recursive: true);
}

static (float Difference, float Largest) Difference(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
{
    (float difference, float largest) = (0, 0);
    for (int i = 0; i < expected.Length; i++)
    {
        difference = Math.Max(difference, Math.Abs(expected[i] - actual[i]));
        largest = Math.Max(largest, Math.Abs(expected[i]));
    }

    return (difference, largest);
}

// One inference that is not counted, and those from first to end; what they return is given back outside the time.
static void Measure(int first, int end, double[] milliseconds, Func<IDisposable?> inference, Action<int> counted)
{
    for (int i = first - 1; i < end; i++)
    {
        long begin = Stopwatch.GetTimestamp();
        using IDisposable? outputs = inference();
        double taken = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        if (i >= first)
        {
            milliseconds[i] = taken;
            counted(i);
        }
    }
}

void Compare(string model, WorkerPool workers, Roofline roofline, List<string> layers)
{
    Network network = ModelFile.Open(model).Network;
    string path = Path.Combine(folder, $"{network.Name}.weights");
    if (!File.Exists(path))
    {
        DarknetWeightsWriter.Initialize(network, seed: 1, path);
    }

    using DarknetWeights weights = DarknetWeights.Open(path, network);
    (byte[] onnx, int last) = OnnxExport.Export(network, weights);
    var options = new SessionOptions { IntraOpNumThreads = workers.Threads, InterOpNumThreads = 1, GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL };

    // Its threads look for work without end for a while after each run, on the cores that ours need next.
    options.AddSessionConfigEntry("session.force_spinning_stop", "1");
    using var session = new InferenceSession(onnx, options);
    var random = new Random(1);
    float[] input = [.. Enumerable.Range(0, (int)network.InputShape.Count).Select(_ => random.NextSingle())];
    using OrtValue tensor = OrtValue.CreateTensorValueFromMemory(input, [1, network.InputShape.Channels, network.InputShape.Rows, network.InputShape.Columns]);

    // What ONNX Runtime leaves out, softmax or detection layers, is left out here too.
    var cut = new Network(network.Name, network.InputShape, [.. network.Layers.Take(last + 1)], network.Digest);
    RankProgram program = Lowering.ForRank(cut, UniformPlan.Create(cut, 1, UniformStrategy.Whole), 1, 0);
    double[] ours = new double[repeat];
    double[] theirs = new double[repeat];
    double[][] steps = [.. program.Steps.Select(_ => new double[repeat])];
    (float difference, float largest) = (0, 0);
    InProcessWorld.Run(1, comm =>
    {
        using var executor = new Executor(cut, program, weights, comm, workers);
        Mine();
        using (var outputs = Other())
        {
            (difference, largest) = Difference(outputs[0].GetTensorDataAsSpan<float>(), executor.Output(last));
        }

        for (int first = 0; first < repeat; first += InTurn)
        {
            int end = Math.Min(first + InTurn, repeat);
            Measure(first, end, ours, Mine, i =>
            {
                for (int step = 0; step < steps.Length; step++)
                {
                    steps[step][i] = executor.Clock.LastSeconds(step);
                }
            });
            Measure(first, end, theirs, Other, _ => { });
        }

        IDisposable? Mine()
        {
            // Each time: what is computed later lies where the input was.
            input.CopyTo(executor.Input);
            executor.Run();
            return null;
        }

        IDisposableReadOnlyCollection<OrtValue> Other() => session.Run(new RunOptions(), [OnnxExport.InputName], [tensor], session.OutputNames);
    });
    Array.Sort(ours);
    Array.Sort(theirs);
    double median = ours[repeat / 2];
    Console.WriteLine($"| {network.Name} | {median:F1} | {theirs[repeat / 2]:F1} | {theirs[repeat / 2] / median:F2} | {cut.TotalFlops / median / 1e6:F0} | {difference / largest:E1} of the largest value |");
    foreach ((int index, Step step) in program.Steps.Index())
    {
        if (step is ComputeStep)
        {
            Array.Sort(steps[index]);
            layers.Add($"| {network.Name} | {workers.Threads} | {Row(cut.Layers[step.Layer], steps[index][repeat / 2], roofline)} |");
        }
    }
}

static string Row(Layer layer, double seconds, Roofline roofline)
{
    long floats = layer.Parameters + layer.Output.Count + layer.InputShapes.Sum(shape => shape.Count);
    double least = roofline.LeastSeconds(layer.TotalFlops, floats * sizeof(float));
    return $"{layer.Name} | {seconds * 1e3:F3} | {layer.TotalFlops / seconds / 1e9:F1} | {100 * least / seconds:F0} %";
}
