using System.Collections.Immutable;
using System.Globalization;

namespace DeeperThings.Vision;

/// <summary>
/// Draws detections on a picture: a frame and a label in the class's colour. It sets pixels itself, with a font of its own,
/// because Skia without fontconfig has no fonts.
/// </summary>
public static class Annotator
{
    private const int Margin = 2;

    /// <summary>Draws frames first, then labels, the likeliest where it fits best.</summary>
    public static void Draw(InputImage image, IEnumerable<Detection> detections)
    {
        ImmutableArray<Detection> ordered = [.. detections.OrderByDescending(detection => detection.Confidence)];
        var frames = ordered.Select(detection => Frame(image, detection.Box)).ToArray();
        int thickness = Thickness(image);
        for (int i = ordered.Length - 1; i >= 0; i--)
        {
            DrawFrame(image, frames[i], thickness, Colour(ordered[i].ClassIndex));
        }

        var placed = new List<Rectangle>();
        for (int i = 0; i < ordered.Length; i++)
        {
            (string text, int scale) = Label(image, ordered[i]);
            Rectangle label = Place(image, frames[i], LabelSize(text, scale), placed);
            placed.Add(label);
            DrawLabel(image, label, text, scale, Colour(ordered[i].ClassIndex));
        }
    }

    /// <summary>Width of a frame's lines.</summary>
    internal static int Thickness(InputImage image) => Math.Max(2, Math.Min(image.Width, image.Height) / 200);

    /// <summary>Size of a label's plate with its margin.</summary>
    internal static (int Width, int Height) LabelSize(string text, int scale) =>
        ((((text.Length * BitmapFont.Advance) - 1) * scale) + (2 * Margin * scale), (BitmapFont.Height * scale) + (2 * Margin * scale) - scale);

    /// <summary>Text of a label, and the largest scale that keeps it inside the picture.</summary>
    internal static (string Text, int Scale) Label(InputImage image, Detection detection)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{detection.Class} {Math.Round(detection.Confidence * 100)}%");
        int scale = Math.Clamp((image.Width + 160) / 400, 1, 4);
        while (scale > 1 && LabelSize(text, scale).Width > image.Width)
        {
            scale--;
        }

        return (text, scale);
    }

    /// <summary>The class's colour: hues by the golden ratio, so that neighbours differ.</summary>
    internal static (byte Red, byte Green, byte Blue) Colour(int classIndex)
    {
        const double Saturation = 0.72;
        const double Value = 250;
        double hue = (0.58 + (classIndex * 0.618033988749895)) % 1.0 * 6;
        return (Channel(5), Channel(3), Channel(1));

        byte Channel(double offset)
        {
            double k = (offset + hue) % 6;
            return (byte)(Value * (1 - (Saturation * Math.Clamp(Math.Min(k, 4 - k), 0, 1))));
        }
    }

    private static Rectangle Frame(InputImage image, Box box) => new(
        Clamp(box.X, image.Width), Clamp(box.Y, image.Height), Clamp(box.X + box.Width, image.Width), Clamp(box.Y + box.Height, image.Height));

    private static int Clamp(float position, int length) => (int)Math.Clamp(Math.Round(position), 0, length);

    // Above the box, below it, inside its top; the first place that hides no other label, else the first.
    private static Rectangle Place(InputImage image, Rectangle frame, (int Width, int Height) size, List<Rectangle> placed)
    {
        Rectangle above = At(frame.Left, frame.Top - size.Height);
        ReadOnlySpan<Rectangle> places =
        [
            frame.Top >= size.Height ? above : At(frame.Left, frame.Top), above, At(frame.Left, frame.Bottom),
            At(frame.Right - size.Width, frame.Top - size.Height), At(frame.Right - size.Width, frame.Bottom), At(frame.Left, frame.Top),
        ];
        foreach (Rectangle place in places)
        {
            if (!placed.Exists(place.Overlaps))
            {
                return place;
            }
        }

        return places[0];

        Rectangle At(int x, int y)
        {
            int left = Math.Clamp(x, 0, Math.Max(0, image.Width - size.Width));
            int top = Math.Clamp(y, 0, Math.Max(0, image.Height - size.Height));
            return new(left, top, left + size.Width, top + size.Height);
        }
    }

    private static void DrawFrame(InputImage image, Rectangle frame, int thickness, (byte Red, byte Green, byte Blue) colour)
    {
        Fill(image, frame with { Bottom = frame.Top + thickness }, colour);
        Fill(image, frame with { Top = frame.Bottom - thickness }, colour);
        Fill(image, frame with { Right = frame.Left + thickness }, colour);
        Fill(image, frame with { Left = frame.Right - thickness }, colour);
    }

    private static void DrawLabel(InputImage image, Rectangle label, string text, int scale, (byte Red, byte Green, byte Blue) colour)
    {
        Fill(image, label, colour);
        bool isBright = (0.299 * colour.Red) + (0.587 * colour.Green) + (0.114 * colour.Blue) > 128;
        byte ink = isBright ? (byte)16 : byte.MaxValue;
        for (int i = 0; i < text.Length; i++)
        {
            ulong glyph = BitmapFont.Glyph(text[i]);
            for (int row = 0; row < BitmapFont.Height; row++)
            {
                for (int column = 0; column < BitmapFont.Width; column++)
                {
                    if (BitmapFont.IsSet(glyph, row, column))
                    {
                        int x = label.Left + ((Margin + (i * BitmapFont.Advance) + column) * scale);
                        int y = label.Top + ((Margin + row) * scale);
                        Fill(image, new(x, y, x + scale, y + scale), (ink, ink, ink));
                    }
                }
            }
        }
    }

    private static void Fill(InputImage image, Rectangle area, (byte Red, byte Green, byte Blue) colour)
    {
        int left = Math.Max(area.Left, 0);
        int right = Math.Min(area.Right, image.Width);
        for (int y = Math.Max(area.Top, 0); y < Math.Min(area.Bottom, image.Height); y++)
        {
            Span<byte> row = image.Row(y);
            for (int x = left; x < right; x++)
            {
                Span<byte> pixel = row.Slice(x * InputImage.PixelBytes, InputImage.PixelBytes);
                pixel[0] = colour.Red;
                pixel[1] = colour.Green;
                pixel[2] = colour.Blue;
            }
        }
    }

    /// <summary>Pixels of columns [Left, Right) and rows [Top, Bottom).</summary>
    private readonly record struct Rectangle(int Left, int Top, int Right, int Bottom)
    {
        public bool Overlaps(Rectangle other) => Left < other.Right && other.Left < Right && Top < other.Bottom && other.Top < Bottom;
    }
}
