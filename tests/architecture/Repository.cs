namespace Cyborg.Architecture.Tests;

internal static class Repository
{
    /// <summary>The folder that holds the solution, found upwards from where the tests run.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "Directory.Packages.props")) ? folder : Find(Path.GetDirectoryName(folder)!);
}
