using System.Security.Cryptography;
using System.Text.Json;
using Cyborg.Model;

namespace Cyborg.Agent.Packages;

/// <summary>The folder in which the operator puts packages. Nothing else is ever installed: what runs in an agent has the rights of an agent, so its bytes come
/// from who administers the host, and never through the API, which only names them.</summary>
internal sealed class PackageSource(string? folder)
{
    private const UnixFileMode Strangers = UnixFileMode.OtherWrite;
    private const int MaxOptionsBytes = 64 * 1024;

    /// <summary>The version to install: the one that is asked for, else the highest one there is.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.DriverNotFound"/>: there is none.</exception>
    public string Choose(string id, string? version)
    {
        var known = Versions(id);
        var chosen = version is null ? known.MaxBy(Key, Comparer<Version>.Default) : known.Find(one => one == version);
        return chosen ?? throw new FaultException(
            FaultCode.DriverNotFound,
            folder is null
                ? "This host installs no drivers: its [agent] driver_packages is not set."
                : $"There is no package {id}{(version is null ? "" : $" {version}")} in the host's [agent] driver_packages.");
    }

    /// <summary>Opens a package that <see cref="Choose"/> has named.</summary>
    /// <param name="id">The package.</param>
    /// <param name="version">Its version.</param>
    /// <param name="checksum">SHA-256 in hex that the archive must have; null for any.</param>
    /// <exception cref="PackageException">It must not be used.</exception>
    public FileStream Open(string id, string version, string? checksum)
    {
        var path = Archive(id, version);
        if (File.ResolveLinkTarget(path, returnFinalTarget: false) is not null)
            throw new PackageException("is a link.");
        if (((File.GetUnixFileMode(path) | File.GetUnixFileMode(folder!)) & Strangers) != 0)
            throw new PackageException("can be written by everybody on its host.");
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            if (file.Length > PackageArchive.MaxBytes)
                throw new PackageException($"is larger than {PackageArchive.MaxBytes / (1024 * 1024)} MiB.");
            if (checksum is not null && !checksum.Equals(Convert.ToHexStringLower(SHA256.HashData(file)), StringComparison.OrdinalIgnoreCase))
                throw new PackageException("has another checksum than the one that was asked for.");
            file.Position = 0;
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>What the operator has set for a driver.</summary>
    /// <exception cref="PackageException">The file of its options makes no sense.</exception>
    public IReadOnlyDictionary<string, string> OptionsOf(string id)
    {
        var path = folder is null ? null : Path.Combine(folder, $"{id}.options.json");
        if (path is null || !File.Exists(path))
            return new Dictionary<string, string>();
        try
        {
            if (new FileInfo(path).Length <= MaxOptionsBytes
                && JsonSerializer.Deserialize(File.ReadAllBytes(path), PackageJson.Default.DictionaryStringString) is { } options)
                return options;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new PackageException($"has options ({id}.options.json) that cannot be read: an object of texts.", e);
        }
        throw new PackageException($"has options ({id}.options.json) that are none: an object of texts of at most {MaxOptionsBytes / 1024} KiB.");
    }

    private List<string> Versions(string id)
    {
        if (folder is null || !Directory.Exists(folder))
            return [];
        var (begin, end) = ($"{id}-", ".tar.gz");
        return
        [
            .. from path in Directory.EnumerateFiles(folder)
               let name = Path.GetFileName(path)
               where name.Length > begin.Length + end.Length && name.StartsWith(begin, StringComparison.Ordinal) && name.EndsWith(end, StringComparison.Ordinal)
               let version = name[begin.Length..^end.Length]
               where PackageManifest.IsVersion(version)
               select version,
        ];
    }

    private string Archive(string id, string version) => Path.Combine(folder!, $"{id}-{version}.tar.gz");

    private static Version Key(string version) => Version.Parse(version);
}
