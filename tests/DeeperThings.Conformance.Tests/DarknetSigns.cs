using System.Runtime.InteropServices;
using System.Text.Json;
using DeeperThings.TestSupport;

namespace DeeperThings.Conformance.Tests;

/// <summary>The binding reproduces what was recorded from Darknet for the signs model: decoding, letterboxing, raw output and boxes.</summary>
public class DarknetSigns
{
    [Theory]
    [InlineData("sample0000")]
    [InlineData("sample0001")]
    [InlineData("sample0010")]
    public void Raw_output_and_boxes_are_the_recorded_ones(string name)
    {
        string folder = Repository.PathOf("models", "signs");
        using DarknetLibrary darknet = DarknetLibrary.Load(Path.Combine(folder, "signs.cfg"), Path.Combine(folder, "signs.weights"));
        (float[] image, int width, int height) = DarknetLibrary.LoadImage(Path.Combine(folder, "samples", name + ".jpg"));
        darknet.Predict(DarknetLibrary.Letterbox(image, width, height, 416, 416));

        float[] recorded = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(folder, "expected", name + ".f32"))).ToArray();
        float[] output = darknet.Output(darknet.Layers.Count - 1);
        Assert.Equal(recorded.Length, output.Length);
        Assert.InRange(recorded.Zip(output, (a, b) => Math.Abs(a - b)).Max(), 0, 1e-5);

        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected", name + ".json")));
        int expected = json.RootElement.GetProperty("detections").GetArrayLength();
        List<DarknetDetection> boxes = darknet.Boxes(width, height, 0.5f, 0.45f);
        Assert.Equal(expected, boxes.Sum(box => box.Probabilities.Count(probability => probability > 0.5f)));
    }
}
