using System.Runtime.InteropServices;

namespace Cyborg.Agent.Journal;

/// <summary>Files that are there whole, as before or as after, whenever the machine loses power.</summary>
internal static partial class DurableFile
{
    private const int ReadOnlyCloseOnExec = 0x80000;
    private const int InvalidArgument = 22;

    /// <summary>Puts <paramref name="content"/> in the place of what is at <paramref name="path"/>: written beside it, flushed to the disk, renamed, and
    /// the folder flushed as well, for a rename that is only in memory is lost with the power.</summary>
    /// <param name="path">The file; its folder is there.</param>
    /// <param name="content">All of it.</param>
    /// <param name="beforeRename">Called when the new content is on the disk and the old one still in its place.</param>
    /// <exception cref="IOException">The disk is full or broken; the old content may be in its place, or the new one.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is another user's.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, Action? beforeRename = null)
    {
        var next = path + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var file = new FileStream(next, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        beforeRename?.Invoke();
        File.Move(next, path, overwrite: true);
        FlushFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Renames a file and flushes its folder.</summary>
    public static void Rename(string from, string to)
    {
        File.Move(from, to, overwrite: false);
        FlushFolder(Path.GetDirectoryName(to)!);
    }

    /// <summary>Has the disk know which entries a folder has. .NET opens no folders, so the three calls are made here.</summary>
    /// <exception cref="IOException">The disk is broken, or there is no such folder.</exception>
    public static void FlushFolder(string folder)
    {
        var handle = OpenFile(folder, ReadOnlyCloseOnExec);
        if (handle < 0)
            throw Failed("opened");
        try
        {
            // A file system that knows no such flush says so; there is nothing more to be had from it.
            if (FlushFile(handle) != 0 && Marshal.GetLastPInvokeError() != InvalidArgument)
                throw Failed("flushed");
        }
        finally
        {
            _ = CloseFile(handle);
        }

        IOException Failed(string what) => new($"The folder {folder} cannot be {what}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FlushFile(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseFile(int handle);
}
