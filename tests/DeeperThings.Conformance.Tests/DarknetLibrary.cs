using System.Runtime.InteropServices;

namespace DeeperThings.Conformance.Tests;

/// <summary>Shape of a layer's output as Darknet sees it; rows, columns and channels are 0 where Darknet has only a vector.</summary>
internal readonly record struct DarknetLayer(int Type, int OutW, int OutH, int OutC, int Outputs);

/// <summary>A box with its centre at X, Y.</summary>
internal sealed record DarknetDetection(float X, float Y, float Width, float Height, float Objectness, float[] Probabilities);

/// <summary>
/// Debian's own Darknet (package darknet, 0.0.0+git20180914), one network in it. The offsets into its structs follow from its public header and are checked at
/// run time against what its functions return.
/// </summary>
internal sealed unsafe partial class DarknetLibrary : IDisposable
{
    public const string Path = "/usr/lib/darknet/libdarknet.so";

    private const string Missing = $"{Path} is missing: install Debian's package 'darknet' (apt-get install darknet); the conformance tests need it";

    // sizeof and offsetof of darknet.h without GPU.
    private const int LayerBytes = 1184;
    private const int LayerType = 0;
    private const int LayerOutputs = 88;
    private const int LayerOutH = 120;
    private const int LayerOutW = 124;
    private const int LayerOutC = 128;
    private const int LayerClasses = 252;
    private const int LayerOutput = 616;
    private const int NetworkN = 0;
    private const int NetworkLayers = 32;
    private const int NetworkInputs = 128;
    private const int NetworkH = 144;
    private const int NetworkW = 148;

    // The library has global state (its random numbers, stderr).
    private static readonly Lock s_lock = new();

    private byte* _network;

    private DarknetLibrary(byte* network)
    {
        _network = network;
        CheckOffsets();
        Layers = [.. Enumerable.Range(0, Read(NetworkN)).Select(LayerAt)];
    }

    public IReadOnlyList<DarknetLayer> Layers { get; }

    /// <summary>Floats of the network's input.</summary>
    public int Inputs => Read(NetworkInputs);

    /// <summary>Loads a network with its weights; Darknet ends the process if it does not like them.</summary>
    public static DarknetLibrary Load(string cfgPath, string weightsPath)
    {
        CheckInstalled();
        Assert.True(File.Exists(cfgPath), $"{cfgPath} is missing");
        Assert.True(File.Exists(weightsPath), $"{weightsPath} is missing");
        lock (s_lock)
        {
            using var quiet = new SilentStandardError();
            byte* network = (byte*)load_network(cfgPath, weightsPath, 0);
            set_batch_network(network, 1);
            return new DarknetLibrary(network);
        }
    }

    /// <summary>Runs the network; afterwards <see cref="Output"/> has every layer's result.</summary>
    public void Predict(ReadOnlySpan<float> input)
    {
        Assert.Equal(Inputs, input.Length);
        lock (s_lock)
        {
            fixed (float* data = input)
            {
                network_predict(_network, data);
            }
        }
    }

    /// <summary>What a layer has computed.</summary>
    public float[] Output(int layer) => new ReadOnlySpan<float>(*(float**)(LayerPointer(layer) + LayerOutput), Layers[layer].Outputs).ToArray();

    /// <summary>Boxes of all heads after non-maximum suppression, in pixels of an image of this size (or as parts of it).</summary>
    public List<DarknetDetection> Boxes(int imageWidth, int imageHeight, float threshold, float suppression, bool relative = false)
    {
        lock (s_lock)
        {
            int count = 0;

            // Only [yolo] writes the number of classes into its boxes.
            int classes = *(int*)(LayerPointer(Layers.Count - 1) + LayerClasses);
            var boxes = (NativeDetection*)get_network_boxes(_network, imageWidth, imageHeight, threshold, 0.5f, null, relative ? 1 : 0, &count);
            var found = new List<DarknetDetection>();
            if (count > 0)
            {
                do_nms_sort(boxes, count, classes, suppression);
            }

            for (int i = 0; i < count; i++)
            {
                NativeDetection box = boxes[i];
                found.Add(new(box.X, box.Y, box.Width, box.Height, box.Objectness, new ReadOnlySpan<float>(box.Probabilities, classes).ToArray()));
            }

            free_detections(boxes, count);
            return found;
        }
    }

    /// <summary>An image file as Darknet decodes it: 3 x rows x columns, 0 to 1.</summary>
    public static (float[] Data, int Width, int Height) LoadImage(string path)
    {
        CheckInstalled();
        Assert.True(File.Exists(path), $"{path} is missing");
        lock (s_lock)
        {
            NativeImage image = load_image_color(path, 0, 0);
            var result = (Copy(image), image.W, image.H);
            free_image(image);
            return result;
        }
    }

    /// <summary>Darknet's letterboxing of a 3 x rows x columns image.</summary>
    public static float[] Letterbox(ReadOnlySpan<float> data, int width, int height, int toWidth, int toHeight)
    {
        CheckInstalled();
        lock (s_lock)
        {
            fixed (float* pointer = data)
            {
                NativeImage boxed = letterbox_image(new NativeImage { W = width, H = height, C = data.Length / (width * height), Data = pointer }, toWidth, toHeight);
                float[] result = Copy(boxed);
                free_image(boxed);
                return result;
            }
        }
    }

    public void Dispose()
    {
        if (_network != null)
        {
            lock (s_lock)
            {
                free_network(_network);
            }

            _network = null;
        }
    }

    private static void CheckInstalled() => Assert.True(File.Exists(Path), Missing);

    private static float[] Copy(NativeImage image) => new ReadOnlySpan<float>(image.Data, image.W * image.H * image.C).ToArray();

    private int Read(int offset) => *(int*)(_network + offset);

    private byte* LayerPointer(int layer) => *(byte**)(_network + NetworkLayers) + ((long)layer * LayerBytes);

    private DarknetLayer LayerAt(int layer)
    {
        byte* pointer = LayerPointer(layer);
        return new(
            *(int*)(pointer + LayerType), *(int*)(pointer + LayerOutW), *(int*)(pointer + LayerOutH), *(int*)(pointer + LayerOutC), *(int*)(pointer + LayerOutputs));
    }

    private void CheckOffsets()
    {
        Assert.Equal(network_width(_network), Read(NetworkW));
        Assert.Equal(network_height(_network), Read(NetworkH));
        for (int i = 0; i < Read(NetworkN); i++)
        {
            DarknetLayer layer = LayerAt(i);
            Assert.InRange(layer.Type, 0, 29);
            Assert.True(layer.Outputs > 0, $"layer {i} has {layer.Outputs} outputs: the offsets are wrong");
            if (layer is { OutW: > 0, OutH: > 0, OutC: > 0 })
            {
                // The function returns the layer's size and a copy of its output.
                Assert.Equal(layer.Outputs, layer.OutW * layer.OutH * layer.OutC);
                NativeImage image = get_network_image_layer(_network, i);
                Assert.Equal((layer.OutW, layer.OutH, layer.OutC), (image.W, image.H, image.C));
                Assert.True(image.Data == *(float**)(LayerPointer(i) + LayerOutput), $"layer {i}: the output is not where it is expected");
            }
        }
    }

    [LibraryImport(Path, StringMarshalling = StringMarshalling.Utf8)]
    private static partial void* load_network(string cfg, string weights, int clear);

    [LibraryImport(Path)]
    private static partial void free_network(void* network);

    [LibraryImport(Path)]
    private static partial void set_batch_network(void* network, int batch);

    [LibraryImport(Path)]
    private static partial float* network_predict(void* network, float* input);

    [LibraryImport(Path)]
    private static partial int network_width(void* network);

    [LibraryImport(Path)]
    private static partial int network_height(void* network);

    [LibraryImport(Path)]
    private static partial NativeImage get_network_image_layer(void* network, int layer);

    [LibraryImport(Path)]
    private static partial void* get_network_boxes(void* network, int width, int height, float threshold, float hierarchy, int* map, int relative, int* count);

    [LibraryImport(Path)]
    private static partial void do_nms_sort(void* detections, int total, int classes, float threshold);

    [LibraryImport(Path)]
    private static partial void free_detections(void* detections, int count);

    [LibraryImport(Path, StringMarshalling = StringMarshalling.Utf8)]
    private static partial NativeImage load_image_color(string path, int width, int height);

    [LibraryImport(Path)]
    private static partial NativeImage letterbox_image(NativeImage image, int width, int height);

    [LibraryImport(Path)]
    private static partial void free_image(NativeImage image);

    private struct NativeImage
    {
        public int W;
        public int H;
        public int C;
        public float* Data;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct NativeDetection
    {
        public float X;
        public float Y;
        public float Width;
        public float Height;
        public int Classes;
        public float* Probabilities;
        public float* Mask;
        public float Objectness;
        public int SortClass;
    }

    /// <summary>Sends the process's standard error, where Darknet lists the layers, to a file beside the tests.</summary>
    private sealed partial class SilentStandardError : IDisposable
    {
        private const int StandardError = 2;
        private readonly int _saved = dup(StandardError);

        public SilentStandardError()
        {
            string path = System.IO.Path.Combine(AppContext.BaseDirectory, "darknet.log");
            using var log = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            Assert.True(dup2((int)log.SafeFileHandle.DangerousGetHandle(), StandardError) >= 0, $"standard error cannot be sent to {path}");
        }

        public void Dispose()
        {
            _ = dup2(_saved, StandardError);
            _ = close(_saved);
        }

        [LibraryImport("libc")]
        private static partial int dup(int descriptor);

        [LibraryImport("libc")]
        private static partial int dup2(int from, int to);

        [LibraryImport("libc")]
        private static partial int close(int descriptor);
    }
}
