namespace DeeperThings.Vision.Tests;

public class InputImageTests
{
    [Fact]
    public void Every_kind_of_png_becomes_its_rgb_and_alpha_is_dropped_not_blended()
    {
        using var folder = new TemporaryFolder();
        (byte ColourType, byte BitDepth, byte[] Row, (byte, byte, byte) First)[] kinds =
        [
            (0, 8, [0, 64, 200], (64, 64, 64)),
            (2, 8, [0, 10, 20, 30, 200, 100, 50], (10, 20, 30)),
            (2, 16, [0, 10, 0, 20, 0, 30, 0, 200, 255, 100, 255, 50, 255], (10, 20, 30)),
            (4, 8, [0, 64, 0, 200, 255], (64, 64, 64)),
            (6, 8, [0, 10, 20, 30, 0, 200, 100, 50, 128], (10, 20, 30)),
        ];
        foreach (var (colourType, bitDepth, row, first) in kinds)
        {
            using var image = InputImage.Load(folder.File("a.png", PictureFiles.Png(2, 1, colourType, bitDepth, row)));
            Assert.Equal((2, 1, first), (image.Width, image.Height, image[0, 0]));
        }
    }

    [Fact]
    public void A_grey_jpeg_has_three_equal_channels()
    {
        using var folder = new TemporaryFolder();
        using var image = InputImage.Load(folder.File("a.jpg", PictureFiles.Jpeg(200)));
        Assert.Equal((8, 8, (200, 200, 200)), (image.Width, image.Height, image[3, 5]));
    }

    [Fact]
    public void A_cmyk_jpeg_becomes_rgb()
    {
        using var folder = new TemporaryFolder();
        using var image = InputImage.Load(folder.File("a.jpg", PictureFiles.Jpeg(240, 30, 200, 255)));
        (byte red, byte green, byte blue) = image[3, 5];
        Assert.InRange(red, 238, 242);
        Assert.InRange(green, 28, 32);
        Assert.InRange(blue, 198, 202);
    }

    [Fact]
    public void A_picture_is_turned_upright_by_each_exif_orientation()
    {
        // Where the pixel that is stored at (x, y) of w x h must appear.
        Func<int, int, int, int, (int X, int Y)>[] targets =
        [
            (x, y, w, h) => (x, y), (x, y, w, h) => (w - 1 - x, y), (x, y, w, h) => (w - 1 - x, h - 1 - y), (x, y, w, h) => (x, h - 1 - y),
            (x, y, w, h) => (y, x), (x, y, w, h) => (h - 1 - y, x), (x, y, w, h) => (h - 1 - y, w - 1 - x), (x, y, w, h) => (y, w - 1 - x),
        ];
        using var folder = new TemporaryFolder();
        byte[] jpeg = File.ReadAllBytes(Signs.Picture("sample0005"));
        using var stored = InputImage.Load(Signs.Picture("sample0005"));
        for (byte orientation = 1; orientation <= 8; orientation++)
        {
            using var upright = InputImage.Load(folder.File("a.jpg", PictureFiles.WithOrientation(jpeg, orientation)));
            Assert.Equal(orientation > 4 ? (stored.Height, stored.Width) : (stored.Width, stored.Height), (upright.Width, upright.Height));
            for (int i = 0; i < 200; i++)
            {
                (int x, int y) = (i * 37 % stored.Width, i * 53 % stored.Height);
                (int toX, int toY) = targets[orientation - 1](x, y, stored.Width, stored.Height);
                Assert.Equal(stored[x, y], upright[toX, toY]);
            }
        }
    }

    [Fact]
    public void A_written_png_reads_back_equal_and_leaves_no_other_file()
    {
        using var folder = new TemporaryFolder();
        using InputImage image = Pictures.Noise(13, 7);
        image.WritePng(folder.File("a.png"));
        image.WritePng(folder.File("a.png"));
        using var copy = InputImage.Load(folder.File("a.png"));
        Assert.Equal(Pixels(image), Pixels(copy));
        Assert.Single(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("empty", "the file is empty")]
    [InlineData("text", "no picture that can be decoded")]
    [InlineData("gif", "it is a Gif picture")]
    [InlineData("cut jpeg", "the file ends before the picture does")]
    [InlineData("cut png", "the file ends before the picture does")]
    [InlineData("absurd", "100000x100000 pixels")]
    public void A_file_that_does_not_decode_is_one_line_with_the_path_and_what_is_allowed(string kind, string found)
    {
        byte[] jpeg = File.ReadAllBytes(Signs.Picture("sample0005"));
        byte[] content = kind switch
        {
            "empty" => [],
            "text" => "hello"u8.ToArray(),
            "gif" => [.. "GIF89a"u8, 1, 0, 1, 0, 128, 0, 0, 0, 0, 0, 255, 255, 255, 44, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 68, 1, 0, 59],
            "cut jpeg" => jpeg[..(jpeg.Length / 2)],
            "cut png" => PictureFiles.Png(64, 64, 0, 8, NoiseRows(64))[..1000],
            _ => PictureFiles.Png(100000, 100000, 0, 8, [0]),
        };
        using var folder = new TemporaryFolder();
        string path = folder.File("a.png", content);
        var exception = Assert.Throws<InputException>(() => InputImage.Load(path));
        Assert.StartsWith(path + ": ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(found, exception.Message, StringComparison.Ordinal);
        Assert.Contains("allowed", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void A_missing_file_is_an_input_error_and_an_unwritable_target_an_io_error()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<InputException>(() => InputImage.Load(folder.File("none.jpg")));
        Assert.Throws<InputException>(() => InputImage.Load(folder.Path));
        using InputImage image = Pictures.Plain(2, 2, 1, 2, 3);
        Assert.Throws<IOException>(() => image.WritePng(folder.File("none/a.png")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    private static byte[] NoiseRows(int size)
    {
        byte[] rows = new byte[(size + 1) * size];
        new Random(1).NextBytes(rows);
        for (int y = 0; y < size; y++)
        {
            rows[y * (size + 1)] = 0;
        }

        return rows;
    }

    private static (byte, byte, byte)[] Pixels(InputImage image) =>
        [.. Enumerable.Range(0, image.Width * image.Height).Select(i => image[i % image.Width, i / image.Width])];
}
