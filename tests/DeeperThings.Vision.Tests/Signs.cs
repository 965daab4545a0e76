using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using DeeperThings.Models;
using DeeperThings.Tensors;

namespace DeeperThings.Vision.Tests;

/// <summary>The road-sign model's files at the root of the repository, with what Debian's Darknet made of the samples.</summary>
internal static class Signs
{
    public static string Folder { get; } = Path.Combine(Root(), "models", "signs");

    public static ClassNames Names { get; } = new(File.ReadAllLines(Path.Combine(Folder, "signs.names")));

    public static IEnumerable<string> Samples => Enumerable.Range(0, 12).Select(index => $"sample{index:D4}");

    public static TheoryData<string> SampleData => [.. Samples];

    public static string Picture(string sample) => Path.Combine(Folder, "samples", sample + ".jpg");

    public static string Labels(string sample) => Path.Combine(Folder, "samples", sample + ".txt");

    public static float[] RawOutput(string sample) =>
        MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(Folder, "expected", sample + ".f32"))).ToArray();

    public static JsonElement Expected(string sample)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "expected", sample + ".json")));
        return document.RootElement.Clone();
    }

    public static ImmutableArray<Detection> ExpectedDetections(string sample) =>
    [
        .. Expected(sample).GetProperty("detections").EnumerateArray().Select(item => new Detection(
            item.GetProperty("class").GetString()!,
            item.GetProperty("class_id").GetInt32(),
            item.GetProperty("confidence").GetSingle(),
            new Box(item.GetProperty("left").GetSingle(), item.GetProperty("top").GetSingle(), item.GetProperty("w").GetSingle(), item.GetProperty("h").GetSingle()))),
    ];

    public static Network Network() => Heads.Network(new(3, 416, 416), Heads.Region(
        new(65, 13, 13), 8, [(0.8328f, 0.8750f), (1.0938f, 1.1578f), (1.5016f, 1.5938f), (2.1562f, 2.3438f), (3.4062f, 3.5938f)]));

    private static string Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "DeeperThings.Mpi.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no DeeperThings.Mpi.sln above {AppContext.BaseDirectory}");
    }
}

/// <summary>Networks that are nothing but heads.</summary>
internal static class Heads
{
    public static Network Network(Shape input, params ReadOnlySpan<Layer> layers) => new("test", input, [.. layers], "0");

    public static RegionHead Region(Shape output, int classes, ImmutableArray<(float Width, float Height)> anchors) => new()
    {
        Index = 0,
        Kind = "region",
        Inputs = [Models.Network.Input],
        InputShapes = [output],
        Output = output,
        Classes = classes,
        Anchors = anchors,
        Softmax = true,
    };

    public static YoloHead Yolo(int index, Shape output, int classes, ImmutableArray<(float Width, float Height)> anchors) => new()
    {
        Index = index,
        Kind = "yolo",
        Inputs = [Models.Network.Input],
        InputShapes = [output],
        Output = output,
        Classes = classes,
        Anchors = anchors,
    };

    public static GridHead Grid(int side, int boxes, int classes, bool squareRoots) => new()
    {
        Index = 0,
        Kind = "detection",
        Inputs = [Models.Network.Input],
        InputShapes = [new(side * side * (classes + (boxes * 5)), 1, 1)],
        Output = new(side * side * (classes + (boxes * 5)), 1, 1),
        Classes = classes,
        Side = side,
        Boxes = boxes,
        SquareRoots = squareRoots,
    };
}

/// <summary>A folder for one test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("vision-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string File(string name, byte[] content)
    {
        System.IO.File.WriteAllBytes(File(name), content);
        return File(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

internal static class Pictures
{
    /// <summary>Random pixels.</summary>
    public static InputImage Noise(int width, int height, int seed = 1)
    {
        byte[] rgb = new byte[width * height * 3];
        new Random(seed).NextBytes(rgb);
        return InputImage.FromRgb(width, height, rgb);
    }

    public static InputImage Plain(int width, int height, byte red, byte green, byte blue) =>
        InputImage.FromRgb(width, height, [.. Enumerable.Repeat<byte[]>([red, green, blue], width * height).SelectMany(pixel => pixel)]);
}
