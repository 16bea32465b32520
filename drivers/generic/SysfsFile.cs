using System.Text;

namespace Cyborg.Drivers.Generic;

/// <summary>Reads and writes single files of sysfs.</summary>
internal static class SysfsFile
{
    private const int MaxFile = 4096;

    /// <summary>A file's text without the blanks around it; null if there is no such file.</summary>
    /// <exception cref="SysfsException">It is there and cannot be read.</exception>
    public static string? Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            var buffer = new byte[MaxFile];
            var length = file.ReadAtLeast(buffer, MaxFile, throwOnEndOfStream: false);
            return Encoding.ASCII.GetString(buffer, 0, length).Trim();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException && new FileInfo(path).LinkTarget is null)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SysfsException($"{Path.GetFileName(path)} cannot be read.", e);
        }
    }

    /// <summary>Writes a value in one piece, as the kernel wants it. The file has to be there: sysfs has no others.</summary>
    /// <exception cref="IOException">The kernel refuses the value, or there is no such file.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not write it.</exception>
    public static void Write(string path, string value)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(Encoding.ASCII.GetBytes(value));
    }
}

/// <summary>A fact about a device cannot be read; its text says which.</summary>
internal sealed class SysfsException : Exception
{
    public SysfsException(string message) : base(message)
    {
    }

    public SysfsException(string message, Exception cause) : base(message, cause)
    {
    }
}
