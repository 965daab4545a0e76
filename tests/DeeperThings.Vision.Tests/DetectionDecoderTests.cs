using System.Collections.Immutable;
using DeeperThings.Models;
using DeeperThings.Tensors;

namespace DeeperThings.Vision.Tests;

public class DetectionDecoderTests
{
    [Theory]
    [MemberData(nameof(Signs.SampleData), MemberType = typeof(Signs))]
    public void Darknets_raw_output_gives_darknets_detections(string sample)
    {
        ImmutableArray<Detection> expected = Signs.ExpectedDetections(sample);
        var json = Signs.Expected(sample);
        var geometry = ImageGeometry.Of(Preprocessing.Letterbox, json.GetProperty("image_width").GetInt32(), json.GetProperty("image_height").GetInt32(), 416, 416);
        ImmutableArray<Detection> found = new DetectionDecoder(Signs.Network(), Signs.Names).Decode(geometry, Signs.RawOutput(sample));

        Assert.Equal(expected.Select(item => (item.Class, item.ClassIndex)), found.Select(item => (item.Class, item.ClassIndex)));
        foreach ((Detection wanted, Detection got) in expected.Zip(found))
        {
            Assert.Equal(wanted.Confidence, got.Confidence, 1e-6f);
            AssertNear(wanted.Box, got.Box, 1e-3f);
        }
    }

    [Fact]
    public void A_yolo_head_decodes_by_hand()
    {
        // Input 64 x 32, two cells of 32 x 32, one anchor of 10 x 20 pixels. In cell 1: centre (1.25 / 2, 0.5), w e^0, h e^ln 2.
        Network network = Heads.Network(new(3, 32, 64), Heads.Yolo(0, new(7, 1, 2), 2, [(10, 20)]));
        float[] output = [0, 0.25f, 0, 0.5f, 0, 0, 0, MathF.Log(2), 0.5f, 0.8f, 1, 0.9f, 1, 0.7f];
        var decoder = new DetectionDecoder(network, ClassNames.None);

        Detection[] found = [.. decoder.Decode(ImageGeometry.Raw(64, 32), output)];
        Assert.Equal(["class 0", "class 1"], found.Select(item => item.Class));
        Assert.Equal(0.72f, found[0].Confidence, 1e-6f);
        Assert.Equal(0.56f, found[1].Confidence, 1e-6f);
        AssertNear(new(35, -4, 10, 40), found[0].Box);
    }

    [Fact]
    public void Boxes_are_in_pixels_of_the_picture_for_every_preprocessing()
    {
        Network network = Heads.Network(new(3, 32, 64), Heads.Yolo(0, new(6, 1, 2), 1, [(10, 20)]));
        float[] output = [0, 0.25f, 0, 0.5f, 0, 0, 0, 0, 0, 0.8f, 1, 1];
        var decoder = new DetectionDecoder(network, ClassNames.None);

        // Box of 10 x 20 around (40, 16) of the input. 128 x 32 letterboxed is 64 x 16 with 8 rows above; stretched it is twice as wide;
        // cropped its middle 64 columns of 128 x 32 remain.
        AssertNear(new(70, -4, 20, 40), Decode(Preprocessing.Letterbox, 128, 32));
        AssertNear(new(70, 6, 20, 20), Decode(Preprocessing.Stretch, 128, 32));
        AssertNear(new(67, 6, 10, 20), Decode(Preprocessing.Crop, 128, 32));
        AssertNear(new(35, 6, 10, 20), Decode(Preprocessing.None, 64, 32));

        Box Decode(Preprocessing preprocessing, int width, int height) =>
            Assert.Single(decoder.Decode(ImageGeometry.Of(preprocessing, width, height, 64, 32), output)).Box;
    }

    [Fact]
    public void A_region_head_has_anchors_in_cells_and_multiplies_objectness_and_class()
    {
        // 2 x 2 cells of an input of 64 x 64, one anchor of 1 x 0.5 cells. Cell (row 1, column 0): centre (0.5 / 2, 1.5 / 2).
        Network network = Heads.Network(new(3, 64, 64), Heads.Region(new(7, 2, 2), 2, [(1, 0.5f)]));
        float[] output = new float[28];
        int cell = 2;
        (output[cell], output[4 + cell], output[16 + cell], output[20 + cell], output[24 + cell]) = (0.5f, 0.5f, 0.9f, 0.2f, 0.8f);
        Detection found = Assert.Single(new DetectionDecoder(network, new(["a", "b"])).Decode(ImageGeometry.Raw(64, 64), output));
        Assert.Equal(("b", 1), (found.Class, found.ClassIndex));
        Assert.Equal(0.72f, found.Confidence, 1e-6f);
        AssertNear(new(0, 40, 32, 16), found.Box);
    }

    [Fact]
    public void A_region_head_with_background_has_no_objectness()
    {
        RegionHead head = Heads.Region(new(6, 1, 1), 1, [(1, 1)]) with { Background = true };
        Detection found = Assert.Single(new DetectionDecoder(Heads.Network(new(3, 8, 8), head), ClassNames.None).Decode(ImageGeometry.Raw(8, 8), [0.5f, 0.5f, 0, 0, 0.1f, 0.6f]));
        Assert.Equal(0.6f, found.Confidence, 1e-6f);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_grid_head_has_classes_then_confidences_then_boxes(bool squareRoots)
    {
        // 2 x 2 cells, 2 boxes each, 3 classes; box 1 of cell 2 (row 1, column 0), relative to an input of 10 x 10.
        Network network = Heads.Network(new(3, 10, 10), Heads.Grid(2, 2, 3, squareRoots));
        float[] output = new float[4 * (3 + 10)];
        (output[6], output[7], output[8]) = (0.1f, 0.9f, 0.2f);
        output[12 + 5] = 0.8f;
        float[] box = squareRoots ? [0.5f, 0.25f, 0.5f, 0.8f] : [0.5f, 0.25f, 0.25f, 0.64f];
        box.CopyTo(output, 12 + 8 + (5 * 4));
        var geometry = ImageGeometry.Of(Preprocessing.Stretch, 200, 100, 10, 10);
        Detection found = Assert.Single(new DetectionDecoder(network, ClassNames.None).Decode(geometry, output));
        Assert.Equal((1, 0.72f), (found.ClassIndex, MathF.Round(found.Confidence, 6)));

        // Centre (0.5 / 2, 1.25 / 2), size (0.25, 0.64).
        AssertNear(new(50 - 25, 62.5f - 32, 50, 64), found.Box);
    }

    [Fact]
    public void Heads_are_decoded_together_and_suppress_each_other()
    {
        Network network = Heads.Network(
            new(3, 32, 32), Heads.Yolo(0, new(6, 1, 1), 1, [(16, 16)]), Heads.Yolo(1, new(6, 2, 2), 1, [(16, 16)]));
        float[] coarse = [0.5f, 0.5f, 0, 0, 0.9f, 1];

        // Cell 0 of the fine head repeats the box around (16, 16); cell 3 has one of its own around (30, 30).
        float[] fine = [1, 0, 0, 0.875f, 1, 0, 0, 0.875f, 0, 0, 0, 0, 0, 0, 0, 0, 0.8f, 0, 0, 0.7f, 1, 1, 1, 1];
        ImmutableArray<Detection> found = new DetectionDecoder(network, ClassNames.None).Decode(ImageGeometry.Raw(32, 32), head => head.Index == 0 ? coarse : fine);
        Assert.Equal([0.9f, 0.7f], found.Select(item => item.Confidence));
        AssertNear(new(22, 22, 16, 16), found[1].Box);
    }

    [Fact]
    public void Only_probabilities_above_the_threshold_are_reported_most_likely_first_then_by_class()
    {
        Network network = Heads.Network(new(3, 32, 32), Heads.Yolo(0, new(9, 1, 1), 4, [(8, 8)]));
        float[] output = [0.5f, 0.5f, 0, 0, 1, 0.5f, 0.75f, 0.875f, 0.75f];
        var found = new DetectionDecoder(network, ClassNames.None, threshold: 0.5f).Decode(ImageGeometry.Raw(32, 32), output);
        Assert.Equal([2, 1, 3], found.Select(item => item.ClassIndex));
    }

    [Fact]
    public void Boxes_that_are_not_finite_and_probabilities_that_are_no_numbers_are_left_out()
    {
        Network network = Heads.Network(new(3, 32, 32), Heads.Yolo(0, new(6, 1, 1), 1, [(8, 8)]));
        var decoder = new DetectionDecoder(network, ClassNames.None);
        Assert.Empty(decoder.Decode(ImageGeometry.Raw(32, 32), [0.5f, 0.5f, 1000, 0, 1, 1]));
        Assert.Empty(decoder.Decode(ImageGeometry.Raw(32, 32), [0.5f, 0.5f, 0, 0, float.NaN, 1]));
        Assert.Empty(decoder.Decode(ImageGeometry.Raw(32, 32), [0.5f, 0.5f, 0, 0, 1, float.NaN]));
    }

    [Fact]
    public void Outputs_and_geometries_of_another_size_are_refused()
    {
        var decoder = new DetectionDecoder(Signs.Network(), Signs.Names);
        Assert.Throws<ArgumentException>(() => decoder.Decode(ImageGeometry.Raw(416, 416), new float[10]));
        Assert.Throws<ArgumentException>(() => decoder.Decode(ImageGeometry.Raw(416, 415), new float[65 * 169]));
        Layer layer = new Softmax { Index = 0, Kind = "softmax", Inputs = [Network.Input], InputShapes = [new(3, 2, 2)], Output = new(12, 1, 1) };
        Assert.Throws<ArgumentException>(() => new DetectionDecoder(Heads.Network(new Shape(3, 2, 2), layer), ClassNames.None));
    }

    private static void AssertNear(Box expected, Box actual, float tolerance = 1e-4f)
    {
        Assert.Equal(expected.X, actual.X, tolerance);
        Assert.Equal(expected.Y, actual.Y, tolerance);
        Assert.Equal(expected.Width, actual.Width, tolerance);
        Assert.Equal(expected.Height, actual.Height, tolerance);
    }
}
