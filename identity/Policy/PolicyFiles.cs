using System.Text;

namespace Cyborg.Identity.Policy;

/// <summary>What tells a changed file from an unchanged one.</summary>
internal readonly record struct PolicyFileStamp(string Path, DateTime ChangedAt, long Length);

/// <summary>The policy files that there are, in the order in which later ones override earlier ones.</summary>
/// <param name="Main">The main file; null if there is none.</param>
/// <param name="Files">All files, the main one first.</param>
internal sealed record PolicyFiles(string? Main, IReadOnlyList<PolicyFileStamp> Files)
{
    // A byte that is no UTF-8 is a fault, not a question mark in some rule's name.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>True if nothing was written, came or went since the other look.</summary>
    public bool IsSame(PolicyFiles? other) => other is not null && Main == other.Main && Files.SequenceEqual(other.Files);

    /// <summary>Looks for the files, and opens none.</summary>
    /// <exception cref="PolicyLoadException">A folder cannot be read, or they are too many or too large together.</exception>
    public static PolicyFiles Find(PolicySource source)
    {
        var files = new List<PolicyFileStamp>();
        var main = Locate(source.File, source.SearchFolders, File.Exists);
        if (main is not null)
            files.Add(Stamp(main));
        foreach (var name in source.Folders)
        {
            if (Locate(name, source.SearchFolders, Directory.Exists) is { } folder)
                files.AddRange(FilesOf(folder).Select(Stamp));
            if (files.Count > PolicySource.MaxFiles)
                throw new PolicyLoadException($"{name}: there are more than {PolicySource.MaxFiles} policy files");
        }
        return files.Sum(file => file.Length) <= PolicySource.MaxTotalBytes
            ? new PolicyFiles(main, files)
            : throw new PolicyLoadException($"{files[0].Path} and the others are larger than {PolicySource.MaxTotalBytes} bytes together");
    }

    /// <summary>Reads all of them.</summary>
    /// <param name="notes">Gets what is odd and yet understood.</param>
    /// <exception cref="PolicyLoadException">A file cannot be read or is no policy file.</exception>
    public Dictionary<string, PolicyRuleText> Read(List<string> notes)
    {
        var rules = new Dictionary<string, PolicyRuleText>(StringComparer.Ordinal);
        foreach (var file in Files.Where(file => file.Length > 0))
        {
            foreach (var (name, rule) in Read(file, notes))
                rules[name] = rule;
            if (rules.Count > PolicySource.MaxRules)
                throw new PolicyLoadException($"{file.Path}: with it there are more than {PolicySource.MaxRules} rules");
        }
        return rules;
    }

    private static string? Locate(string name, IReadOnlyList<string> folders, Func<string, bool> exists)
    {
        if (name.Length == 0)
            return null;
        var candidates = Path.IsPathRooted(name) ? [name] : folders.Select(folder => Path.Combine(folder, name));
        return candidates.FirstOrDefault(exists);
    }

    private static List<string> FilesOf(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder)
                .Where(file => !Path.GetFileName(file).StartsWith('.'))
                .Take(PolicySource.MaxFiles + 1)
                .Order(StringComparer.Ordinal)];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new PolicyLoadException($"{folder}: cannot be read: {fault.Message}", fault);
        }
    }

    /// <summary>The state of a file, not of a link to it: mounted configuration is links that move.</summary>
    private static PolicyFileStamp Stamp(string path)
    {
        try
        {
            var info = File.ResolveLinkTarget(path, returnFinalTarget: true) as FileInfo ?? new FileInfo(path);
            return new PolicyFileStamp(path, info.LastWriteTimeUtc, info.Length);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new PolicyLoadException($"{path}: cannot be read: {fault.Message}", fault);
        }
    }

    private static IReadOnlyDictionary<string, PolicyRuleText> Read(PolicyFileStamp file, List<string> notes)
    {
        try
        {
            using var stream = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[PolicySource.MaxFileBytes + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > PolicySource.MaxFileBytes)
                throw new PolicyLoadException($"{file.Path}: is larger than {PolicySource.MaxFileBytes} bytes");
            var text = Utf8.GetString(bytes, 0, length);
            // Editors of other systems begin a file with a byte order mark.
            return PolicyFileReader.Read(file.Path, new StringReader(text.StartsWith('\uFEFF') ? text[1..] : text), notes);
        }
        catch (DecoderFallbackException)
        {
            throw new PolicyLoadException($"{file.Path}: is not UTF-8");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new PolicyLoadException($"{file.Path}: cannot be read: {fault.Message}", fault);
        }
    }
}
