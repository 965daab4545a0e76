using System.Text;

namespace DeeperThings.Models.Darknet;

/// <summary>
/// Reads the text of a cfg file: <c>[section]</c> lines, <c>key=value</c> lines, comments from <c>#</c> or <c>;</c> on. Blanks mean nothing
/// anywhere, as in Darknet.
/// </summary>
internal static class CfgFile
{
    /// <summary>Largest file that is read; Darknet's own largest has 30 kB.</summary>
    private const int MaxBytes = 4 << 20;

    /// <exception cref="ModelException">The file cannot be read or is not a text of this form.</exception>
    public static byte[] ReadBytes(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            if (file.Length > MaxBytes)
            {
                throw new ModelException($"{path}: {file.Length} bytes is no cfg file; at most {MaxBytes} bytes are allowed");
            }

            byte[] bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ModelException($"{path}: cannot be read: {Reason(exception)}", exception);
        }
    }

    /// <exception cref="ModelException">The file is not a text of this form.</exception>
    public static List<CfgSection> Parse(string path, byte[] bytes)
    {
        var sections = new List<CfgSection>();
        int lineNumber = 0;
        foreach (string raw in Decode(path, bytes).Split('\n'))
        {
            lineNumber++;
            string line = WithoutBlanksAndComment(raw);
            if (line.Length == 0)
            {
                continue;
            }

            if (line[0] == '[')
            {
                if (line.Length < 3 || line[^1] != ']')
                {
                    throw new ModelException($"{path}:{lineNumber}: found '{CfgSection.Shorten(line)}'; a section is written [name]");
                }

                sections.Add(new CfgSection(path, CfgSection.Shorten(line[1..^1]), lineNumber));
                continue;
            }

            int equals = line.IndexOf('=');
            if (equals <= 0 || equals == line.Length - 1)
            {
                throw new ModelException($"{path}:{lineNumber}: found '{CfgSection.Shorten(line)}'; [section] or key=value is allowed");
            }

            if (sections.Count == 0)
            {
                throw new ModelException($"{path}:{lineNumber}: found '{CfgSection.Shorten(line)}' before the first section; the file must begin with [net]");
            }

            sections[^1].Add(line[..equals], line[(equals + 1)..], lineNumber);
        }

        return sections;
    }

    private static string Decode(string path, byte[] bytes)
    {
        // Text has no control characters but tab, line feed, form feed and carriage return.
        int control = bytes.AsSpan().IndexOfAnyExcept(s_text);
        try
        {
            if (control < 0)
            {
                return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes).TrimStart('\uFEFF');
            }
        }
        catch (DecoderFallbackException)
        {
        }

        throw new ModelException(control < 0 ? $"{path}: not a text file: not UTF-8" : $"{path}: not a text file: byte 0x{bytes[control]:X2} at offset {control}");
    }

    private static readonly System.Buffers.SearchValues<byte> s_text = System.Buffers.SearchValues.Create(
        [.. Enumerable.Range(0, 256).Where(value => value >= 0x20 || value is '\t' or '\n' or '\f' or '\r').Select(value => (byte)value)]);

    private static string WithoutBlanksAndComment(string line)
    {
        int comment = line.AsSpan().IndexOfAny('#', ';');
        return string.Concat((comment < 0 ? line : line[..comment]).Where(c => !char.IsWhiteSpace(c)));
    }

    public static string Reason(Exception exception) => exception switch
    {
        FileNotFoundException => "no such file",
        DirectoryNotFoundException => "no such folder",
        UnauthorizedAccessException => "access denied, or a folder",
        _ => exception.Message.ReplaceLineEndings(" "),
    };
}
