using System.Text.Json;
using DeeperThings.Models;
using DeeperThings.Tensors;

namespace DeeperThings.Vision.Tests;

public class PreprocessorTests
{
    private static readonly (int Width, int Height)[] s_sizes = [(1, 1), (1, 9), (9, 1), (2, 2), (7, 5), (16, 16), (31, 64), (80, 45), (97, 33)];

    [Theory]
    [MemberData(nameof(Signs.SampleData), MemberType = typeof(Signs))]
    public void The_network_input_of_a_sample_is_darknets_to_the_bit(string sample)
    {
        float[] input = new float[3 * 416 * 416];
        using (var image = InputImage.Load(Signs.Picture(sample)))
        {
            Preprocessor.Write(image, Preprocessing.Letterbox, new(3, 416, 416), input);
        }

        JsonElement expected = Signs.Expected(sample).GetProperty("network_input");
        Assert.Equal(expected.GetProperty("first16").EnumerateArray().Select(value => value.GetSingle()), input[..16]);
        Assert.Equal(expected.GetProperty("max_abs").GetSingle(), input.Max());
        Assert.Equal(expected.GetProperty("sum").GetDouble(), input.Sum(value => (double)value), 1e-6);
    }

    [Fact]
    public void Letterbox_is_darknets_formula_for_all_sizes()
    {
        ForAll((image, oracle, width, height) =>
        {
            var geometry = ImageGeometry.Of(Preprocessing.Letterbox, image.Width, image.Height, width, height);
            return geometry.ScaledHeight == 1 || geometry.ScaledWidth == 1 ? null : oracle.Letterbox(width, height).Data;
        }, Preprocessing.Letterbox);
    }

    [Fact]
    public void Stretch_is_darknets_formula_for_all_sizes() =>
        ForAll((image, oracle, width, height) => height == 1 ? null : oracle.Resize(width, height).Data, Preprocessing.Stretch);

    [Fact]
    public void Crop_is_darknets_formula_for_square_inputs() =>
        ForAll((image, oracle, width, height) => width != height || width == 1 ? null : oracle.Crop(width).Data, Preprocessing.Crop);

    [Fact]
    public void A_crop_has_no_border_whatever_the_proportions()
    {
        foreach ((int width, int height) in s_sizes)
        {
            foreach ((int inputWidth, int inputHeight) in s_sizes)
            {
                var geometry = ImageGeometry.Of(Preprocessing.Crop, width, height, inputWidth, inputHeight);
                Assert.True(geometry.ScaledWidth >= inputWidth && geometry.ScaledHeight >= inputHeight);
                Assert.True(geometry.ScaledWidth == inputWidth || geometry.ScaledHeight == inputHeight);
            }
        }
    }

    [Fact]
    public void A_network_of_one_channel_gets_darknets_grey_values()
    {
        using InputImage image = Pictures.Noise(40, 30);
        float[] input = new float[24 * 24];
        Preprocessor.Write(image, Preprocessing.Letterbox, new(1, 24, 24), input);
        Assert.Equal(DarknetOracle.From(image).Grey().Letterbox(24, 24).Data, input);
    }

    [Fact]
    public void Stretch_keeps_the_four_corners()
    {
        using InputImage image = Pictures.Noise(23, 17);
        float[] input = new float[3 * 9 * 12];
        Preprocessor.Write(image, Preprocessing.Stretch, new(3, 9, 12), input);
        Assert.Equal(image[0, 0].Red / 255.0, input[0], 1e-6);
        Assert.Equal(image[22, 0].Red / 255.0, input[11], 1e-6);
        Assert.Equal(image[0, 16].Green / 255.0, input[(9 * 12) + (8 * 12)], 1e-4);
        Assert.Equal(image[22, 16].Blue / 255.0, input[^1], 1e-4);
    }

    [Fact]
    public void A_picture_of_the_inputs_size_is_only_divided_by_255()
    {
        using InputImage image = Pictures.Noise(21, 14);
        float[] expected = DarknetOracle.From(image).Data;
        foreach (Preprocessing preprocessing in Enum.GetValues<Preprocessing>())
        {
            float[] input = new float[3 * 14 * 21];
            Preprocessor.Write(image, preprocessing, new(3, 14, 21), input);
            Assert.Equal(expected, input);
        }
    }

    [Fact]
    public void Letterbox_pads_with_grey_and_even_a_thread_of_a_picture_stays_visible()
    {
        using InputImage image = Pictures.Plain(300, 1, 255, 255, 255);
        float[] input = new float[3 * 16 * 16];
        ImageGeometry geometry = Preprocessor.Write(image, Preprocessing.Letterbox, new(3, 16, 16), input);
        Assert.Equal((16, 1, 0, 7), (geometry.ScaledWidth, geometry.ScaledHeight, geometry.Left, geometry.Top));
        Assert.Equal(3 * 16, input.Count(value => value == 1));
        Assert.Equal(3 * 16 * 15, input.Count(value => value == Preprocessor.Grey));
    }

    [Fact]
    public void Without_preprocessing_another_size_is_an_error()
    {
        using InputImage image = Pictures.Plain(5, 4, 0, 0, 0);
        var exception = Assert.Throws<InputException>(() => Preprocessor.Write(image, Preprocessing.None, new(3, 4, 6), new float[72]));
        Assert.Contains("5x4", exception.Message, StringComparison.Ordinal);
        Assert.Contains("6x4", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_of_other_channels_takes_no_pictures()
    {
        using InputImage image = Pictures.Plain(5, 4, 0, 0, 0);
        Assert.Throws<InputException>(() => Preprocessor.Write(image, Preprocessing.Stretch, new(4, 2, 2), new float[16]));
    }

    [Fact]
    public void Repeated_pictures_leave_no_garbage()
    {
        using InputImage image = Pictures.Noise(120, 80);
        float[] input = new float[3 * 64 * 64];
        Preprocessor.Write(image, Preprocessing.Letterbox, new(3, 64, 64), input);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            Preprocessor.Write(image, Preprocessing.Letterbox, new(3, 64, 64), input);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Detectors_are_letterboxed_and_classifiers_cropped()
    {
        Assert.Equal(Preprocessing.Letterbox, Preprocessor.DefaultFor(Signs.Network()));
        Layer layer = new Softmax { Index = 0, Kind = "softmax", Inputs = [Network.Input], InputShapes = [new(3, 2, 2)], Output = new(12, 1, 1) };
        Assert.Equal(Preprocessing.Crop, Preprocessor.DefaultFor(Heads.Network(new(3, 2, 2), layer)));
    }

    /// <summary>Compares bitwise for all pairs of picture and input sizes; an oracle that gives null has no defined result there.</summary>
    private static void ForAll(Func<InputImage, DarknetOracle, int, int, float[]?> oracle, Preprocessing preprocessing)
    {
        int compared = 0;
        foreach ((int width, int height) in s_sizes)
        {
            using InputImage image = Pictures.Noise(width, height, width + height);
            var reference = DarknetOracle.From(image);
            foreach ((int inputWidth, int inputHeight) in s_sizes)
            {
                var input = new Shape(3, inputHeight, inputWidth);
                float[] actual = new float[input.Count];
                Array.Fill(actual, float.NaN);
                Preprocessor.Write(image, preprocessing, input, actual);
                Assert.DoesNotContain(float.NaN, actual);
                if (oracle(image, reference, inputWidth, inputHeight) is { } expected)
                {
                    Assert.Equal(expected, actual);
                    compared++;
                }
            }
        }

        Assert.True(compared >= 15, $"only {compared} sizes compared");
    }
}
