using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace DeeperThings.Vision.Tests;

/// <summary>Small JPEG and PNG files, written byte by byte so that tests do not read what the same library wrote.</summary>
internal static class PictureFiles
{
    /// <summary>A PNG file; each row of <paramref name="data"/> starts with filter 0.</summary>
    public static byte[] Png(int width, int height, byte colourType, byte bitDepth, byte[] data)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = bitDepth;
        header[9] = colourType;
        Chunk(file, "IHDR", header);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(data);
        }

        Chunk(file, "IDAT", packed.ToArray());
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    /// <summary>A baseline JPEG of 8 × 8 pixels of one colour: 1 component is grey, 4 with Adobe's marker are inverted CMYK.</summary>
    public static byte[] Jpeg(params byte[] components)
    {
        using var file = new MemoryStream();
        file.Write([0xFF, 0xD8]);
        if (components.Length == 4)
        {
            Segment(file, 0xEE, [.. "Adobe"u8, 0, 100, 0, 0, 0, 0, 0]);
        }

        Segment(file, 0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]);
        byte[] frame = [8, 0, 8, 0, 8, (byte)components.Length, .. components.SelectMany((_, i) => new byte[] { (byte)(i + 1), 0x11, 0 })];
        Segment(file, 0xC0, frame);

        // Differences of 0, 9 and 10 bits have the codes 00, 01, 10; the only other symbol, end of block, has the code 0.
        Segment(file, 0xC4, [0x00, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 10]);
        Segment(file, 0xC4, [0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        Segment(file, 0xDA, [(byte)components.Length, .. components.SelectMany((_, i) => new byte[] { (byte)(i + 1), 0 }), 0, 63, 0]);
        var bits = new StringBuilder();
        foreach (byte component in components)
        {
            int level = (component - 128) * 8;
            int magnitude = Math.Abs(level);
            int length = magnitude == 0 ? 0 : magnitude.ToString("b").Length;
            bits.Append(length switch { 0 => "00", 9 => "01", 10 => "10", _ => throw new ArgumentOutOfRangeException(nameof(components)) });
            bits.Append(length == 0 ? string.Empty : (level > 0 ? level : level + (1 << length) - 1).ToString($"b{length}")).Append('0');
        }

        string padded = bits.ToString().PadRight((bits.Length + 7) / 8 * 8, '1');
        for (int i = 0; i < padded.Length; i += 8)
        {
            byte value = Convert.ToByte(padded.Substring(i, 8), 2);
            file.WriteByte(value);
            if (value == 0xFF)
            {
                file.WriteByte(0);
            }
        }

        file.Write([0xFF, 0xD9]);
        return file.ToArray();
    }

    /// <summary>The same JPEG with an EXIF orientation.</summary>
    public static byte[] WithOrientation(byte[] jpeg, byte orientation)
    {
        using var file = new MemoryStream();
        file.Write(jpeg.AsSpan(0, 2));
        Segment(file, 0xE1, [.. "Exif"u8, 0, 0, .. "MM"u8, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]);
        file.Write(jpeg.AsSpan(2));
        return file.ToArray();
    }

    private static void Segment(MemoryStream file, byte marker, byte[] content)
    {
        file.Write([0xFF, marker, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2)]);
        file.Write(content);
    }

    private static void Chunk(MemoryStream file, string type, byte[] content)
    {
        byte[] typed = [.. Encoding.ASCII.GetBytes(type), .. content];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        file.Write(typed);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(typed));
        file.Write(number);
    }

    private static uint Crc(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320u & (uint)-(int)(crc & 1));
            }
        }

        return ~crc;
    }
}
