using System.Runtime.InteropServices;

namespace Cyborg.Cli;

/// <summary>The program of a service, which knows that service's verbs.</summary>
internal static class RoomProgram
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Where a program is: beside this one, else in <c>PATH</c>; null if nowhere.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="beside">The folder of this program.</param>
    /// <param name="searchPath">Folders with colons between them; empty ones do not count.</param>
    public static string? Find(string name, string beside, string? searchPath) =>
        (searchPath ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Prepend(beside)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(IsExecutable);

    /// <summary>Becomes the program: same process, same streams, its exit code.</summary>
    /// <returns>Why it did not work; it does not come back otherwise.</returns>
    public static string Become(string path, IReadOnlyList<string> args)
    {
        // The list ends with a null, as execve has it.
        _ = execv(path, [path, .. args, null]);
        return Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Executable) != 0);

#pragma warning disable IDE1006, SYSLIB1054 // The C library's name; arrays of texts are marshalled by DllImport alone, in UTF-8.
    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int execv(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string path,
        [MarshalAs(UnmanagedType.LPArray, ArraySubType = UnmanagedType.LPStr)] string?[] args);
#pragma warning restore IDE1006, SYSLIB1054
}
