using System.Text.Json;

namespace Cyborg.Drivers.Generic.Static;

/// <summary>The accelerators that were created on a static backend: one file, always whole, whenever the process is killed.</summary>
internal sealed class StaticState(string folder, string backend)
{
    private const int Version = 1;

    private readonly string _path = Path.Combine(folder, $"static-{backend}.json");

    /// <summary>What was created, in the order in which it was.</summary>
    /// <exception cref="DriverException">The file cannot be read.</exception>
    public IReadOnlyList<AcceleratorOrder> Read()
    {
        try
        {
            using var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var kept = JsonSerializer.Deserialize<Kept>(file);
            return kept is { Version: Version, Accelerators: { } accelerators }
                ? accelerators
                : throw new DriverException($"{_path} is of another version.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new DriverException($"{_path} cannot be read.", e);
        }
    }

    /// <summary>Replaces the file.</summary>
    /// <exception cref="DriverException">It cannot be written; it is what it was.</exception>
    public void Write(IReadOnlyList<AcceleratorOrder> accelerators)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var draft = _path + ".new";
            using (var file = new FileStream(draft, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                JsonSerializer.Serialize(file, new Kept(Version, accelerators));
                file.Flush(flushToDisk: true);
            }
            File.Move(draft, _path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DriverException($"{_path} cannot be written.", e);
        }
    }

    private sealed record Kept(int Version, IReadOnlyList<AcceleratorOrder> Accelerators);
}
