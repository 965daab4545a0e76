using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using DeeperThings.Models;
using DeeperThings.Tensors;

namespace DeeperThings.Vision;

/// <summary>NumPy's array files: versions 1 and 2, little-endian float32, C order. Data goes straight between file and span.</summary>
public static class Npy
{
    private const int MaximumHeaderBytes = 64 * 1024;
    private const int BlockBytes = 1 << 20;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>The shape of an array of C×H×W or 1×C×H×W floats. The file's length is checked, its data not read.</summary>
    /// <exception cref="InputException">The file is none of those, is truncated or goes on behind its data.</exception>
    public static Shape ReadShape(string path)
    {
        using FileStream stream = Open(path, out Shape shape);
        return shape;
    }

    /// <summary>Reads an array of exactly the shape <paramref name="expected"/> into <paramref name="target"/>.</summary>
    /// <exception cref="InputException">As <see cref="ReadShape"/>, or the shape is another.</exception>
    public static void Read(string path, Shape expected, Span<float> target)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(target.Length, expected.Count);
        using FileStream stream = Open(path, out Shape shape);
        if (shape != expected)
        {
            throw new InputException($"{path}: shape {shape}; {expected} is allowed");
        }

        try
        {
            Span<byte> bytes = MemoryMarshal.AsBytes(target);
            for (int done = 0; done < bytes.Length;)
            {
                int count = Math.Min(BlockBytes, bytes.Length - done);
                stream.ReadExactly(bytes.Slice(done, count));
                done += count;
            }
        }
        catch (Exception exception) when (InputException.IsFileError(exception))
        {
            throw new InputException($"{path}: cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Writes an array of channels × rows × columns, under a temporary name first.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Shape shape, ReadOnlySpan<float> data)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(data.Length, shape.Count);
        AtomicFile.Write(path, new Content(Header(shape), data), static (stream, content) =>
        {
            stream.Write(content.Header);
            stream.Write(MemoryMarshal.AsBytes(content.Data));
        });
    }

    /// <summary>Opens a file and stands behind its header.</summary>
    private static FileStream Open(string path, out Shape shape)
    {
        FileStream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 4096);
            shape = ReadHeader(path, stream);
            long expected = stream.Position + (shape.Count * sizeof(float));
            if (stream.Length != expected)
            {
                string found = stream.Length < expected ? "the file is truncated" : "the file goes on behind its data";
                throw new InputException($"{path}: {found}: {stream.Length} bytes; shape {shape} needs exactly {expected}");
            }

            return stream;
        }
        catch (Exception exception)
        {
            stream?.Dispose();
            if (InputException.IsFileError(exception))
            {
                throw new InputException($"{path}: cannot be read: {exception.Message}", exception);
            }

            throw;
        }
    }

    private static Shape ReadHeader(string path, FileStream stream)
    {
        // 6 bytes magic, major and minor version, length of the text in 2 (version 1) or 4 bytes (version 2).
        Span<byte> start = stackalloc byte[12];
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (read < start.Length || !start.StartsWith(Magic))
        {
            throw new InputException($"{path}: {(read == 0 ? "the file is empty" : "it does not begin as a .npy file")}; a NumPy array of float32 is allowed");
        }

        if (start[6] is not (1 or 2))
        {
            throw new InputException($"{path}: .npy version {start[6]}; 1 and 2 are allowed");
        }

        bool isFirst = start[6] == 1;
        long length = isFirst ? BinaryPrimitives.ReadUInt16LittleEndian(start[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        if (length is 0 or > MaximumHeaderBytes)
        {
            throw new InputException($"{path}: header of {length} bytes; 1 to {MaximumHeaderBytes} are allowed");
        }

        stream.Position = isFirst ? 10 : 12;
        byte[] text = new byte[length];
        if (stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false) < text.Length)
        {
            throw new InputException($"{path}: the file ends within its header of {length} bytes");
        }

        return NpyHeader.Parse(path, Encoding.Latin1.GetString(text));
    }

    private static byte[] Header(Shape shape)
    {
        string text = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape.Channels}, {shape.Rows}, {shape.Columns}), }}";
        int length = (10 + text.Length + 1 + 63) / 64 * 64;
        byte[] header = new byte[length];
        header.AsSpan().Fill((byte)' ');
        Magic.CopyTo(header);
        header[6] = 1;
        header[7] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), (ushort)(length - 10));
        Encoding.ASCII.GetBytes(text, header.AsSpan(10));
        header[^1] = (byte)'\n';
        return header;
    }

    private readonly ref struct Content(byte[] header, ReadOnlySpan<float> data)
    {
        public byte[] Header { get; } = header;

        public ReadOnlySpan<float> Data { get; } = data;
    }
}
