namespace Cyborg.Crash.Tests;

/// <summary>Where runs leave their logs: <c>artifacts/crash/</c> of the repository.</summary>
internal static class RunFolders
{
    // More than one run of all tests makes.
    private const int Kept = 80;

    private static readonly Lock s_turn = new();

    /// <summary>The repository.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>An empty folder; the oldest of many go.</summary>
    public static string New(string name)
    {
        var all = Directory.CreateDirectory(Path.Combine(Root, "artifacts", "crash"));
        lock (s_turn)
        {
            foreach (var old in all.GetDirectories().OrderByDescending(folder => folder.CreationTimeUtc).Skip(Kept)) old.Delete(recursive: true);
        }
        var folder = Path.Combine(all.FullName, $"{DateTime.UtcNow:yyyyMMdd-HHmmss-fff}-{name}");
        return Directory.CreateDirectory(folder).FullName;
    }

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "Directory.Packages.props")) ? folder : Find(Path.GetDirectoryName(folder.TrimEnd('/'))!);
}
