using DeeperThings.Models;
using SkiaSharp;

namespace DeeperThings.Vision;

/// <summary>A decoded picture: 8-bit red, green, blue in native memory, upright. Alpha is dropped, not blended, and colour profiles are ignored, as Darknet does.</summary>
public sealed class InputImage : IDisposable
{
    /// <summary>Most pixels of a picture that is decoded; checked before memory is taken.</summary>
    public const long MaximumPixels = 1L << 26;

    /// <summary>Bytes from one pixel to the next: red, green, blue and one that is always 255.</summary>
    internal const int PixelBytes = 4;

    private readonly SKBitmap _bitmap;

    private InputImage(string path, SKBitmap bitmap)
    {
        Path = path;
        _bitmap = bitmap;
    }

    /// <summary>Where it was read from; empty for a picture made in memory.</summary>
    public string Path { get; }

    public int Width => _bitmap.Width;

    public int Height => _bitmap.Height;

    /// <summary>Reads a JPEG or PNG file and turns it upright by its EXIF orientation, as OpenCV does for Darknet.</summary>
    /// <exception cref="InputException">The file cannot be read, is neither, is damaged or too large.</exception>
    public static InputImage Load(string path)
    {
        using SKData data = ReadAll(path);
        using var codec = SKCodec.Create(data);
        if (codec is null || codec.EncodedFormat is not (SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Png))
        {
            string found = codec is null ? "its contents are no picture that can be decoded" : $"it is a {codec.EncodedFormat} picture";
            throw new InputException($"{path}: {found}; JPEG and PNG are allowed");
        }

        SKImageInfo info = codec.Info;
        CheckSize(path, info.Width, info.Height);

        // No colour space: Skia would convert to it. Unpremultiplied: the colours under an alpha channel stay as they are.
        SKBitmap? bitmap = Allocate(path, info.Width, info.Height);
        try
        {
            SKCodecResult result = codec.GetPixels(bitmap.Info, bitmap.GetPixels());
            if (result != SKCodecResult.Success)
            {
                string found = result == SKCodecResult.IncompleteInput ? "the file ends before the picture does" : $"the {codec.EncodedFormat} data is damaged ({result})";
                throw new InputException($"{path}: {found}; a complete JPEG or PNG file is allowed");
            }

            if (info.AlphaType != SKAlphaType.Opaque)
            {
                DropAlpha(bitmap.GetPixelSpan());
            }

            InputImage image = new(path, Upright(path, bitmap, codec.EncodedOrigin));
            if (ReferenceEquals(image._bitmap, bitmap))
            {
                bitmap = null;
            }

            return image;
        }
        finally
        {
            bitmap?.Dispose();
        }
    }

    /// <summary>A picture from its bytes: red, green, blue of each pixel, row after row.</summary>
    public static InputImage FromRgb(int width, int height, ReadOnlySpan<byte> rgb)
    {
        CheckSize("picture", width, height);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rgb.Length, width * height * 3);
        InputImage image = new(string.Empty, Allocate("picture", width, height));
        Span<byte> pixels = image._bitmap.GetPixelSpan();
        for (int i = 0; i < width * height; i++)
        {
            rgb.Slice(i * 3, 3).CopyTo(pixels[(i * PixelBytes)..]);
            pixels[(i * PixelBytes) + 3] = byte.MaxValue;
        }

        return image;
    }

    /// <summary>Red, green and blue of one pixel.</summary>
    public (byte Red, byte Green, byte Blue) this[int x, int y]
    {
        get
        {
            ReadOnlySpan<byte> pixel = Row(y).Slice(x * PixelBytes, PixelBytes);
            return (pixel[0], pixel[1], pixel[2]);
        }
    }

    /// <summary>Writes a PNG file, under a temporary name first.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void WritePng(string path)
    {
        using SKPixmap pixels = _bitmap.PeekPixels().WithAlphaType(SKAlphaType.Opaque);
        AtomicFile.Write(path, pixels, static (stream, pixels) =>
        {
            // Level 3 with one filter takes a quarter of the time of the default; the file is a fifth larger.
            if (!pixels.Encode(stream, new SKPngEncoderOptions(SKPngEncoderFilterFlags.Sub, 3)))
            {
                throw new IOException("encoding failed");
            }
        });
    }

    public void Dispose() => _bitmap.Dispose();

    /// <summary>The pixels of one row, <see cref="PixelBytes"/> each.</summary>
    internal Span<byte> Row(int y) => _bitmap.GetPixelSpan().Slice(y * _bitmap.RowBytes, Width * PixelBytes);

    private static SKData ReadAll(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length == 0)
            {
                throw new InputException($"{path}: the file is empty; a JPEG or PNG picture is allowed");
            }

            if (stream.Length > MaximumPixels * PixelBytes)
            {
                throw new InputException($"{path}: {stream.Length} bytes; at most {MaximumPixels * PixelBytes} are allowed");
            }

            return SKData.Create(stream, stream.Length) ?? throw new InputException($"{path}: cannot be read");
        }
        catch (Exception exception) when (InputException.IsFileError(exception))
        {
            throw new InputException($"{path}: cannot be read: {exception.Message}", exception);
        }
    }

    private static void CheckSize(string path, int width, int height)
    {
        if (width < 1 || height < 1 || (long)width * height > MaximumPixels)
        {
            throw new InputException($"{path}: {width}x{height} pixels; 1 to {MaximumPixels} pixels are allowed");
        }
    }

    private static SKBitmap Allocate(string path, int width, int height)
    {
        var bitmap = new SKBitmap();
        if (!bitmap.TryAllocPixels(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul)))
        {
            bitmap.Dispose();
            throw new InputException($"{path}: no memory for {width}x{height} pixels");
        }

        return bitmap;
    }

    private static void DropAlpha(Span<byte> pixels)
    {
        for (int i = 3; i < pixels.Length; i += PixelBytes)
        {
            pixels[i] = byte.MaxValue;
        }
    }

    /// <summary>The same bitmap if it is upright, otherwise a turned copy.</summary>
    private static SKBitmap Upright(string path, SKBitmap stored, SKEncodedOrigin origin)
    {
        if (origin is < SKEncodedOrigin.TopRight or > SKEncodedOrigin.LeftBottom)
        {
            return stored;
        }

        bool transposed = origin >= SKEncodedOrigin.LeftTop;
        bool fromRight = origin is SKEncodedOrigin.TopRight or SKEncodedOrigin.BottomRight or SKEncodedOrigin.RightBottom or SKEncodedOrigin.LeftBottom;
        bool fromBottom = origin is SKEncodedOrigin.BottomRight or SKEncodedOrigin.BottomLeft or SKEncodedOrigin.RightTop or SKEncodedOrigin.RightBottom;
        SKBitmap upright = Allocate(path, transposed ? stored.Height : stored.Width, transposed ? stored.Width : stored.Height);
        Span<byte> source = stored.GetPixelSpan();
        Span<byte> target = upright.GetPixelSpan();
        for (int y = 0; y < upright.Height; y++)
        {
            for (int x = 0; x < upright.Width; x++)
            {
                int column = transposed ? y : x;
                int row = transposed ? x : y;
                column = fromRight ? stored.Width - 1 - column : column;
                row = fromBottom ? stored.Height - 1 - row : row;
                source.Slice((row * stored.RowBytes) + (column * PixelBytes), PixelBytes).CopyTo(target[((y * upright.RowBytes) + (x * PixelBytes))..]);
            }
        }

        return upright;
    }
}
