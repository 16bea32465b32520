using System.Text;

namespace Cyborg.Hosting;

/// <summary>Finds and reads the configuration files that a command line asks for.</summary>
internal static class ConfigFiles
{
    public const string DefaultFile = "/etc/cyborg/cyborg.conf";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static IReadOnlyList<ConfigSource> Read(CommandLineArguments args, string defaultFile = DefaultFile)
    {
        var faults = new List<string>();
        var paths = args.ConfigFiles.Concat(args.ConfigDirectories.SelectMany(directory => FilesIn(directory, faults))).ToList();
        if (args.ConfigFiles.Count == 0 && args.ConfigDirectories.Count == 0 && File.Exists(defaultFile))
            paths.Add(defaultFile);
        var sources = paths.Select(path => ReadFile(path, faults)).OfType<ConfigSource>().ToList();
        return faults.Count == 0 ? sources : throw new ConfigException(faults);
    }

    private static IReadOnlyList<string> FilesIn(string directory, List<string> faults)
    {
        try
        {
            return [.. Directory.GetFiles(directory, "*.conf").Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            faults.Add($"{Printable.Escape(directory)}: cannot read the configuration directory: {Reason(e)}");
            return [];
        }
    }

    private static ConfigSource? ReadFile(string path, List<string> faults)
    {
        try
        {
            return new ConfigSource(path, ReadBounded(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            faults.Add($"{Printable.Escape(path)}: cannot read the configuration file: {Reason(e)}");
            return null;
        }
    }

    /// <summary>The text of a file or a pipe; no more than a little over the limit of a configuration file, whatever the path leads
    /// to.</summary>
    private static string ReadBounded(string path)
    {
        if (Directory.Exists(path))
            throw new UnauthorizedAccessException();
        using var reader = new StreamReader(path, StrictUtf8, detectEncodingFromByteOrderMarks: false);
        var text = new StringBuilder();
        var buffer = new char[16 * 1024];
        int read;
        while (text.Length <= ConfigReader.MaxLength && (read = reader.Read(buffer)) > 0)
            text.Append(buffer, 0, read);
        return text.ToString();
    }

    private static string Reason(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "it does not exist",
        UnauthorizedAccessException => "no permission, or it is a directory",
        DecoderFallbackException => "it is not UTF-8 text",
        _ => Printable.Escape(e.Message, 200),
    };
}
