using System.Text.Json;
using DeeperThings.Models;

namespace DeeperThings.Vision.Tests;

public class ResultTests
{
    private static readonly ResultImage s_image = new("pictures/größe \"1\".jpg", 640, 480);

    [Fact]
    public void Detections_have_the_documented_shape()
    {
        var result = new Result(s_image, Detections: [new("stop", 3, 0.5f, new(1.5f, -2, 30, 40))]);
        Assert.Equal(
            """{"image":{"path":"pictures/größe \"1\".jpg","width":640,"height":480},"detections":[{"class":"stop","classIndex":3,"confidence":0.5,"box":{"x":1.5,"y":-2,"width":30,"height":40}}]}""",
            Compact(result.ToJson()));
    }

    [Fact]
    public void Classes_have_the_documented_shape() => Assert.Equal(
        """{"image":{"path":"pictures/größe \"1\".jpg","width":640,"height":480},"classes":[{"class":"class 17","classIndex":17,"confidence":0.25}]}""",
        Compact(new Result(s_image, Classes: [new("class 17", 17, 0.25f)]).ToJson()));

    [Fact]
    public void No_detections_are_an_empty_list() =>
        Assert.EndsWith("\"detections\":[]}", Compact(new Result(s_image, Detections: []).ToJson()), StringComparison.Ordinal);

    [Fact]
    public void A_number_that_is_not_finite_still_gives_valid_json() =>
        Assert.Contains("\"NaN\"", new Result(s_image, Classes: [new("a", 0, float.NaN)]).ToJson(), StringComparison.Ordinal);

    [Fact]
    public void A_written_file_holds_the_json_and_leaves_no_other_file()
    {
        using var folder = new TemporaryFolder();
        var result = new Result(s_image, Detections: []);
        result.Write(folder.File("a.json"));
        result.Write(folder.File("a.json"));
        Assert.Equal(result.ToJson() + "\n", File.ReadAllText(folder.File("a.json")));
        Assert.Single(Directory.EnumerateFileSystemEntries(folder.Path));
        Assert.Throws<IOException>(() => result.Write(folder.File("none/a.json")));
    }

    [Fact]
    public void A_write_that_fails_keeps_the_old_file_and_leaves_nothing_else()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.json", [1, 2, 3]);
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, 0, static (stream, _) =>
        {
            stream.WriteByte(9);
            throw new InvalidOperationException();
        }));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Single(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    private static string Compact(string json)
    {
        // Outside of strings only: the values have no line breaks, and indentation is all that is removed.
        using JsonDocument document = JsonDocument.Parse(json);
        return string.Concat(json.Split('\n').Select(line => line.Trim())).Replace("\": ", "\":", StringComparison.Ordinal);
    }
}
