namespace Cyborg.Standalone;

/// <summary>The folder of a standalone's database, held by one process at a time.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly FileStream _held;

    private DataFolder(FileStream held) => _held = held;

    /// <summary><c>$XDG_DATA_HOME/cyborg</c>, or <c>~/.local/share/cyborg</c> without it (XDG Base Directory Specification).</summary>
    public static string Default { get; } =
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "cyborg");

    /// <summary>Makes the folder if it is not there, readable by its owner only, and holds it until the result is disposed.</summary>
    /// <exception cref="IOException">Another process holds it, or it can't be made.</exception>
    public static DataFolder Hold(string folder)
    {
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            // The lock ends with the process, however it ends; the file stays.
            return new DataFolder(new FileStream(Path.Combine(folder, "standalone.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException error)
        {
            throw new IOException($"{folder} is in use by another cyborg-standalone: stop it, or name another folder with --data.", error);
        }
    }

    /// <summary>Gives the folder to others.</summary>
    public void Dispose() => _held.Dispose();
}
