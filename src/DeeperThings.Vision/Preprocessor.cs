using System.Buffers;
using DeeperThings.Models;
using DeeperThings.Tensors;

namespace DeeperThings.Vision;

/// <summary>Makes pictures into network inputs: values / 255, planar, red first, with Darknet's resampling to the bit.</summary>
public static class Preprocessor
{
    /// <summary>Darknet's border of a letterboxed picture.</summary>
    public const float Grey = 0.5f;

    private const int RowsKept = 2;

    private static readonly float[] s_values = [.. Enumerable.Range(0, 256).Select(value => (float)(value / 255.0))];

    /// <summary>Letterbox for detectors, crop for classifiers.</summary>
    public static Preprocessing DefaultFor(Network network) =>
        network.Layers.Any(layer => layer is DetectionHead) ? Preprocessing.Letterbox : Preprocessing.Crop;

    /// <summary>Writes <paramref name="image"/> as the network's input. A network of one channel gets the grey values.</summary>
    /// <param name="image">A picture of any size.</param>
    /// <param name="preprocessing">How it is scaled.</param>
    /// <param name="input">Shape of the network's input: 1 or 3 channels.</param>
    /// <param name="target">Exactly as many floats.</param>
    /// <returns>Where the picture lies in the input, which turns boxes back into pixels of the picture.</returns>
    /// <exception cref="InputException">The network does not take pictures, or <see cref="Preprocessing.None"/> and the sizes differ.</exception>
    public static ImageGeometry Write(InputImage image, Preprocessing preprocessing, Shape input, Span<float> target)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(target.Length, input.Count);
        if (input.Channels is not (1 or 3))
        {
            throw new InputException($"{image.Path}: a picture cannot be made into {input.Channels} channels; 1 or 3 are allowed, otherwise give a .npy file");
        }

        ImageGeometry geometry = Place(image, preprocessing, input);
        if (preprocessing == Preprocessing.Letterbox)
        {
            target.Fill(Grey);
        }

        Resample(image, geometry, input, target);
        return geometry;
    }

    private static ImageGeometry Place(InputImage image, Preprocessing preprocessing, Shape input)
    {
        try
        {
            return ImageGeometry.Of(preprocessing, image.Width, image.Height, input.Columns, input.Rows);
        }
        catch (InputException exception)
        {
            throw new InputException($"{image.Path}: {exception.Message}", exception);
        }
    }

    // Darknet's resize_image: corners aligned, first along the columns, then along the rows, each a float expression of two
    // neighbours. Only the visible window of the scaled picture is computed, and of the first pass only the two rows in use.
    private static void Resample(InputImage image, ImageGeometry geometry, Shape input, Span<float> target)
    {
        int firstColumn = Math.Max(0, -geometry.Left);
        int firstRow = Math.Max(0, -geometry.Top);
        int columns = Math.Min(geometry.ScaledWidth, geometry.InputWidth);
        int rows = Math.Min(geometry.ScaledHeight, geometry.InputHeight);
        int left = Math.Max(0, geometry.Left);
        int top = Math.Max(0, geometry.Top);
        float columnScale = (float)(image.Width - 1) / (geometry.ScaledWidth - 1);
        float rowScale = (float)(image.Height - 1) / (geometry.ScaledHeight - 1);

        int channels = input.Channels;
        float[] line = ArrayPool<float>.Shared.Rent(image.Width * channels);
        float[] kept = ArrayPool<float>.Shared.Rent(columns * channels * RowsKept);
        Span<int> keptRow = [-1, -1];
        for (int r = 0; r < rows; r++)
        {
            int row = firstRow + r;
            bool isLast = row == geometry.ScaledHeight - 1;

            // A single row has no scale in Darknet (0/0); it is taken as a single column is there: the last one.
            float y = geometry.ScaledHeight == 1 ? image.Height - 1 : row * rowScale;
            int sourceRow = (int)y;
            float fraction = y - sourceRow;
            int upper = Keep(sourceRow, keptRow);
            int lower = isLast || image.Height == 1 ? -1 : Keep(sourceRow + 1, keptRow);
            for (int channel = 0; channel < channels; channel++)
            {
                Span<float> result = target.Slice((((channel * input.Rows) + top + r) * input.Columns) + left, columns);
                ReadOnlySpan<float> above = kept.AsSpan(((upper * channels) + channel) * columns, columns);
                if (lower < 0)
                {
                    // Where rounding leaves the last row a fraction, Darknet does not add its other part either.
                    for (int c = 0; c < columns; c++)
                    {
                        result[c] = (1 - fraction) * above[c];
                    }

                    continue;
                }

                ReadOnlySpan<float> below = kept.AsSpan(((lower * channels) + channel) * columns, columns);
                for (int c = 0; c < columns; c++)
                {
                    result[c] = ((1 - fraction) * above[c]) + (fraction * below[c]);
                }
            }
        }

        ArrayPool<float>.Shared.Return(line);
        ArrayPool<float>.Shared.Return(kept);

        int Keep(int sourceRow, Span<int> keptRow)
        {
            int slot = sourceRow % RowsKept;
            if (keptRow[slot] != sourceRow)
            {
                keptRow[slot] = sourceRow;
                ResampleRow(sourceRow, kept.AsSpan(slot * channels * columns, channels * columns));
            }

            return slot;
        }

        void ResampleRow(int sourceRow, Span<float> result)
        {
            int width = image.Width;
            Span<float> values = line.AsSpan(0, width * channels);
            Unpack(image.Row(sourceRow), values, width, channels);
            for (int c = 0; c < columns; c++)
            {
                int column = firstColumn + c;
                if (column == geometry.ScaledWidth - 1 || width == 1)
                {
                    for (int channel = 0; channel < channels; channel++)
                    {
                        result[(channel * columns) + c] = values[(channel * width) + width - 1];
                    }

                    continue;
                }

                float x = column * columnScale;
                int sourceColumn = (int)x;
                float fraction = x - sourceColumn;
                for (int channel = 0; channel < channels; channel++)
                {
                    int at = (channel * width) + sourceColumn;
                    result[(channel * columns) + c] = ((1 - fraction) * values[at]) + (fraction * values[at + 1]);
                }
            }
        }
    }

    /// <summary>One row of bytes as planes of floats; one channel as Darknet's <c>grayscale_image</c>.</summary>
    private static void Unpack(ReadOnlySpan<byte> pixels, Span<float> values, int width, int channels)
    {
        for (int x = 0; x < width; x++)
        {
            ReadOnlySpan<byte> pixel = pixels.Slice(x * InputImage.PixelBytes, InputImage.PixelBytes);
            float red = s_values[pixel[0]];
            float green = s_values[pixel[1]];
            float blue = s_values[pixel[2]];
            if (channels == 1)
            {
                values[x] = (0.299f * red) + (0.587f * green) + (0.114f * blue);
                continue;
            }

            values[x] = red;
            values[width + x] = green;
            values[(2 * width) + x] = blue;
        }
    }
}
