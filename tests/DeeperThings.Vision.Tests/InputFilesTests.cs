namespace DeeperThings.Vision.Tests;

public class InputFilesTests
{
    [Fact]
    public void A_folder_gives_its_pictures_and_tensors_in_ordinal_order()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in (string[])["b.PNG", "a10.jpg", "a2.jpeg", "B.npy", "notes.txt", "labels"])
        {
            folder.File(name, [1]);
        }

        Directory.CreateDirectory(folder.File("c.png"));
        Assert.Equal(["B", "a10", "a2", "b"], InputFiles.Expand([folder.Path]).Select(file => file.Name));
        Assert.Equal([true, false, false, false], InputFiles.Expand([folder.Path]).Select(file => file.IsTensor));
    }

    [Fact]
    public void Files_keep_the_order_in_which_they_are_given()
    {
        using var folder = new TemporaryFolder();
        string[] paths = [folder.File("z.jpg", [1]), folder.File("a.npy", [1])];
        Assert.Equal(paths, InputFiles.Expand(paths).Select(file => file.Path));
    }

    [Fact]
    public void Missing_unsupported_and_empty_inputs_are_errors_that_name_the_path()
    {
        using var folder = new TemporaryFolder();
        folder.File("notes.txt", [1]);
        foreach (string path in (string[])[folder.File("none.jpg"), folder.File("notes.txt"), folder.Path])
        {
            var exception = Assert.Throws<InputException>(() => InputFiles.Expand([path]));
            Assert.StartsWith(path + ": ", exception.Message, StringComparison.Ordinal);
        }

        Assert.Throws<InputException>(() => InputFiles.Expand([]));
    }

    [Fact]
    public void Two_inputs_of_one_name_are_refused_because_their_results_would_be_one_file()
    {
        using var folder = new TemporaryFolder();
        string[] paths = [folder.File("a.jpg", [1]), folder.File("a.png", [1])];
        var exception = Assert.Throws<InputException>(() => InputFiles.Expand(paths));
        Assert.Contains(paths[0], exception.Message, StringComparison.Ordinal);
        Assert.Contains(paths[1], exception.Message, StringComparison.Ordinal);
    }
}
