namespace DeeperThings.Vision;

/// <summary>Writes a file under a temporary name in the same folder and renames it, so that nothing half-written ever has its name.</summary>
internal static class AtomicFile
{
    /// <exception cref="InputException">The file cannot be written.</exception>
    public static void Write<TState>(string path, TState state, Action<Stream, TState> write)
        where TState : allows ref struct
    {
        string? temporary = null;
        try
        {
            string full = Path.GetFullPath(path);
            temporary = Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.{Environment.ProcessId}.{Path.GetRandomFileName()}");
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 64 * 1024))
            {
                write(stream, state);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch (Exception exception)
        {
            Remove(temporary);
            if (InputException.IsFileError(exception))
            {
                throw new InputException($"{path}: cannot be written: {exception.Message}", exception);
            }

            throw;
        }
    }

    private static void Remove(string? temporary)
    {
        try
        {
            if (temporary is not null)
            {
                File.Delete(temporary);
            }
        }
        catch (Exception exception) when (InputException.IsFileError(exception))
        {
            // The error that brought us here says more.
        }
    }
}
