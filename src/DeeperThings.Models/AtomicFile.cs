using System.Text;

namespace DeeperThings.Models;

/// <summary>Files that are there whole or not at all: written under a temporary name in the same folder, then renamed.</summary>
public static class AtomicFile
{
    private const int BufferBytes = 64 * 1024;

    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="state">Given to <paramref name="write"/>.</param>
    /// <param name="write">Writes the contents.</param>
    /// <exception cref="IOException">The file cannot be written; the message names it.</exception>
    public static void Write<TState>(string path, TState state, Action<FileStream, TState> write)
        where TState : allows ref struct
    {
        string? temporary = null;
        try
        {
            string full = Path.GetFullPath(path);
            if (!Directory.Exists(Path.GetDirectoryName(full)))
            {
                throw new DirectoryNotFoundException("no such folder");
            }

            temporary = Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.{Environment.ProcessId}.{Path.GetRandomFileName()}");
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes))
            {
                write(stream, state);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception exception)
        {
            Remove(temporary);
            if (IsFileError(exception))
            {
                throw new IOException($"{path}: cannot be written: {exception.Message}", exception);
            }

            throw;
        }
    }

    /// <summary>Writes <paramref name="text"/> and a line end in UTF-8.</summary>
    /// <exception cref="IOException">The file cannot be written; the message names it.</exception>
    public static void WriteText(string path, string text) => Write(path, text, static (stream, text) =>
    {
        stream.Write(Encoding.UTF8.GetBytes(text));
        stream.WriteByte((byte)'\n');
    });

    private static bool IsFileError(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException;

    private static void Remove(string? temporary)
    {
        try
        {
            if (temporary is not null)
            {
                File.Delete(temporary);
            }
        }
        catch (Exception exception) when (IsFileError(exception))
        {
            // The error that brought us here says more.
        }
    }
}
