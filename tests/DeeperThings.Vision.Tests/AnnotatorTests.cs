namespace DeeperThings.Vision.Tests;

public class AnnotatorTests
{
    [Theory]
    [InlineData(320, 240)]
    [InlineData(640, 480)]
    [InlineData(1280, 720)]
    public void Drawing_changes_the_frame_and_a_label_beside_it_and_nothing_else(int width, int height)
    {
        using InputImage image = Pictures.Plain(width, height, 0, 0, 0);
        var detection = new Detection("stop", 0, 0.9f, new(width / 2, height / 2, 60, 50));
        Annotator.Draw(image, [detection]);

        (string text, int scale) = Annotator.Label(image, detection);
        (int labelWidth, int labelHeight) = Annotator.LabelSize(text, scale);
        int thickness = Annotator.Thickness(image);
        Assert.Equal("stop 90%", text);
        int changed = 0;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (int column, int row) = (x - (width / 2), y - (height / 2));
                bool isFrame = column is >= 0 and < 60 && row is >= 0 and < 50
                    && (column < thickness || column >= 60 - thickness || row < thickness || row >= 50 - thickness);
                bool isLabel = column >= 0 && column < labelWidth && row < 0 && row >= -labelHeight;
                Assert.Equal(isFrame || isLabel, image[x, y] != (0, 0, 0));
                changed += isLabel && image[x, y] != Annotator.Colour(0) ? 1 : 0;
            }
        }

        // The text is really there: about a quarter of a plate is ink.
        Assert.InRange(changed, labelWidth * labelHeight / 10, labelWidth * labelHeight / 2);
    }

    [Theory]
    [InlineData(-30, -30, 50, 50)]
    [InlineData(300, 0, 100, 240)]
    [InlineData(0, 235, 320, 50)]
    [InlineData(-1e9, -1e9, 2e9, 2e9)]
    [InlineData(500, 500, 10, 10)]
    [InlineData(10, 10, 0, 0)]
    [InlineData(10, 10, -5, -5)]
    public void A_label_stays_inside_the_picture_wherever_the_box_is(float x, float y, float boxWidth, float boxHeight)
    {
        using InputImage image = Pictures.Plain(320, 240, 0, 0, 0);
        var detection = new Detection("pedestrian-crossing", 2, 0.99f, new(x, y, boxWidth, boxHeight));
        Annotator.Draw(image, [detection]);
        (string text, int scale) = Annotator.Label(image, detection);
        (int labelWidth, int labelHeight) = Annotator.LabelSize(text, scale);
        int drawn = Enumerable.Range(0, 320 * 240).Count(i => image[i % 320, i / 320] != (0, 0, 0));
        Assert.True(drawn >= labelWidth * labelHeight, $"{drawn} pixels; the label has {labelWidth * labelHeight}");
    }

    [Fact]
    public void Labels_of_neighbours_do_not_hide_each_other()
    {
        using InputImage image = Pictures.Plain(640, 480, 0, 0, 0);
        Annotator.Draw(image, [new("stop", 0, 0.9f, new(300, 200, 60, 60)), new("yield", 1, 0.8f, new(305, 203, 60, 60))]);
        foreach ((string text, int classIndex) in ((string, int)[])[("stop 90%", 0), ("yield 80%", 1)])
        {
            (int width, int height) = Annotator.LabelSize(text, 2);
            int plate = Enumerable.Range(0, 640 * 480).Count(i => image[i % 640, i / 640] == Annotator.Colour(classIndex));
            Assert.True(plate > width * height / 2, $"{text}: {plate} pixels of its colour");
        }
    }

    [Fact]
    public void Pictures_smaller_than_a_label_are_drawn_on_without_error()
    {
        for (int size = 1; size < 20; size++)
        {
            using InputImage image = Pictures.Plain(size, size, 0, 0, 0);
            Annotator.Draw(image, [new("a very long name größe \u4e2d", 0, 1, new(0, 0, size, size))]);
        }
    }

    [Fact]
    public void Colours_of_the_first_twenty_classes_differ_and_are_not_dark()
    {
        var colours = Enumerable.Range(0, 20).Select(Annotator.Colour).ToArray();
        for (int i = 0; i < 20; i++)
        {
            Assert.True(Math.Max(colours[i].Red, Math.Max(colours[i].Green, colours[i].Blue)) > 200);
            for (int j = 0; j < i; j++)
            {
                int distance = Math.Abs(colours[i].Red - colours[j].Red) + Math.Abs(colours[i].Green - colours[j].Green) + Math.Abs(colours[i].Blue - colours[j].Blue);
                Assert.True(distance > 15, $"classes {i} and {j}");
            }
        }
    }

    [Fact]
    public void Every_printable_character_has_a_glyph_of_its_own()
    {
        ulong[] glyphs = [.. Enumerable.Range(' ', '~' - ' ' + 1).Select(character => BitmapFont.Glyph((char)character))];
        Assert.Equal(95, glyphs.Distinct().Count());
        Assert.DoesNotContain(BitmapFont.Glyph('\u4e2d'), glyphs);
        Assert.All(glyphs[1..], glyph => Assert.NotEqual(0UL, glyph));
        Assert.All(glyphs, glyph => Assert.Equal(0UL, glyph & 0xE0E0E0E0E0E0E0E0));
    }
}
