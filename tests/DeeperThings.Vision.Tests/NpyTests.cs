using System.Text;
using DeeperThings.Tensors;

namespace DeeperThings.Vision.Tests;

public class NpyTests
{
    private static readonly float[] s_data = [1, -2.5f, float.Epsilon, float.MaxValue, float.NaN, float.NegativeInfinity];

    [Fact]
    public void An_array_reads_back_as_it_was_written_and_leaves_no_other_file()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.npy");
        Npy.Write(path, new(1, 2, 3), s_data);
        Npy.Write(path, new(1, 2, 3), s_data);
        float[] copy = new float[6];
        Npy.Read(path, Npy.ReadShape(path), copy);
        Assert.Equal(new Shape(1, 2, 3), Npy.ReadShape(path));
        Assert.Equal(s_data.Select(BitConverter.SingleToInt32Bits), copy.Select(BitConverter.SingleToInt32Bits));
        Assert.Single(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void The_data_starts_at_a_multiple_of_64_bytes_behind_a_header_that_ends_its_line()
    {
        using var folder = new TemporaryFolder();
        Npy.Write(folder.File("a.npy"), new(1, 2, 3), s_data);
        byte[] bytes = File.ReadAllBytes(folder.File("a.npy"));
        int start = bytes.Length - (6 * 4);
        Assert.Equal(0, start % 64);
        Assert.Equal((byte)'\n', bytes[start - 1]);
        Assert.Equal(start - 10, bytes[8] + (bytes[9] << 8));
    }

    [Theory]
    [InlineData(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3), }")]
    [InlineData(2, "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 2, 3), }")]
    [InlineData(1, "{\"shape\":(1,2,3),\"descr\":\"<f4\",\"fortran_order\":False}")]
    public void Versions_one_and_two_with_or_without_a_batch_of_one_are_read(byte version, string header)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.npy", Content(version, header, 24));
        Assert.Equal(new Shape(1, 2, 3), Npy.ReadShape(path));
        Npy.Read(path, new(1, 2, 3), new float[6]);
    }

    [Theory]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2, 3), }", 48, "'<f8'")]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (1, 2, 3), }", 24, "'>f4'")]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2, 3), }", 24, "Fortran order")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1, 2, 3), }", 48, "(2, 1, 2, 3)")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }", 24, "(6,)")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", 4, "()")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, -2, 3), }", 24, "(1, -2, 3)")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999, 99999, 99999), }", 24, "99999")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 1, 1), }", 24, "99999999999")]
    [InlineData("{'descr': '<f4', 'fortran_order': False}", 24, "'shape'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3), }", 23, "truncated")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3), }", 25, "goes on behind its data")]
    public void Other_types_orders_shapes_and_lengths_are_one_line_errors(string header, int bytes, string found)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("a.npy", Content(1, header, bytes));
        var exception = Assert.Throws<InputException>(() => Npy.ReadShape(path));
        Assert.StartsWith(path, exception.Message, StringComparison.Ordinal);
        Assert.Contains(found, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void Damaged_starts_and_missing_files_are_input_errors()
    {
        using var folder = new TemporaryFolder();
        byte[] good = Content(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3), }", 24);
        byte[] huge = [.. good];
        (huge[6], huge[11]) = (2, 0x7F);
        byte[] version = [.. good];
        version[6] = 3;
        foreach (byte[] content in (byte[][])[[], good[..7], good[..20], [1, .. good], huge, version])
        {
            Assert.Throws<InputException>(() => Npy.ReadShape(folder.File("a.npy", content)));
        }

        Assert.Throws<InputException>(() => Npy.ReadShape(folder.File("none.npy")));
        Assert.Throws<InputException>(() => Npy.ReadShape(folder.Path));
        Assert.Throws<IOException>(() => Npy.Write(folder.File("none/a.npy"), new(1, 1, 1), [1]));
    }

    [Fact]
    public void Another_shape_than_expected_is_an_error_that_names_both()
    {
        using var folder = new TemporaryFolder();
        Npy.Write(folder.File("a.npy"), new(1, 2, 3), s_data);
        var exception = Assert.Throws<InputException>(() => Npy.Read(folder.File("a.npy"), new(3, 2, 1), new float[6]));
        Assert.Contains("1x2x3", exception.Message, StringComparison.Ordinal);
        Assert.Contains("3x2x1", exception.Message, StringComparison.Ordinal);
    }

    private static byte[] Content(byte version, string header, int bytes)
    {
        byte[] text = Encoding.ASCII.GetBytes(header + "\n");
        byte[] length = version == 1 ? [(byte)text.Length, 0] : [(byte)text.Length, 0, 0, 0];
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. new byte[bytes]];
    }
}
