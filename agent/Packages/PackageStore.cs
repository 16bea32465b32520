using System.Security.Cryptography;
using Cyborg.Agent.Journal;
using Microsoft.Extensions.Logging;

namespace Cyborg.Agent.Packages;

/// <summary>A package on this host, whose files are what its manifest says.</summary>
/// <param name="Manifest">Its manifest.</param>
/// <param name="Checksum">SHA-256 of the manifest, lower-case hex.</param>
/// <param name="Folder">Where it is.</param>
internal sealed record StoredPackage(PackageManifest Manifest, string Checksum, string Folder);

/// <summary>The folder of installed packages: <c>ID/VERSION</c>. A version comes into it whole, by being renamed, or not at all.</summary>
internal sealed class PackageStore(string root, ILogger log)
{
    private const string StagingName = ".staging";
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Deletes what a former start has left half done, and versions that are not in use.</summary>
    public void Clear(PackagesFile inUse)
    {
        if (!Directory.Exists(root))
            return;
        Delete(Path.Combine(root, StagingName));
        foreach (var folder in Directory.EnumerateDirectories(root).SelectMany(Directory.EnumerateDirectories))
        {
            var (id, version) = (Path.GetFileName(Path.GetDirectoryName(folder)!), Path.GetFileName(folder));
            // Nothing but packages, whatever else the operator keeps there.
            if (PackageManifest.IsId(id) && PackageManifest.IsVersion(version) && inUse.Find(id)?.Version != version
                && File.Exists(Path.Combine(folder, PackageManifest.FileName)))
                Delete(folder);
        }
    }

    /// <summary>Unpacks an archive, verifies it, and puts it in its place.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="id">What it must be.</param>
    /// <param name="version">The version that it must have.</param>
    /// <exception cref="PackageException">It is not what it should be; nothing has changed.</exception>
    /// <exception cref="IOException">The disk is full or broken.</exception>
    public StoredPackage Take(Stream archive, string id, string version)
    {
        var staging = Path.Combine(root, StagingName);
        Delete(staging);
        Directory.CreateDirectory(staging, Own);
        try
        {
            PackageArchive.Unpack(archive, staging);
            var staged = Verify(staging, checksum: null);
            if (staged.Manifest.Id != id || staged.Manifest.Version != version)
                throw new PackageException($"says that it is {staged.Manifest.Id} {staged.Manifest.Version}.");
            var folder = FolderOf(id, version);
            Directory.CreateDirectory(Path.GetDirectoryName(folder)!, Own);
            Delete(folder);
            FlushFolders(staging);
            Directory.Move(staging, folder);
            DurableFile.FlushFolder(Path.GetDirectoryName(folder)!);
            DurableFile.FlushFolder(root);
            return staged with { Folder = folder };
        }
        catch
        {
            Delete(staging);
            throw;
        }
    }

    /// <summary>Finds an installed package, and verifies it.</summary>
    /// <exception cref="PackageException">It is gone or was altered.</exception>
    public StoredPackage Find(PackageEntry entry)
    {
        var folder = FolderOf(entry.Id, entry.Version);
        if (!Directory.Exists(folder))
            throw new PackageException("is gone from [agent] driver_path.");
        var stored = Verify(folder, entry.Manifest);
        return stored.Manifest.Id == entry.Id && stored.Manifest.Version == entry.Version ? stored : throw new PackageException("was altered since it was installed.");
    }

    /// <summary>Deletes a version; one that cannot be is left for the next start.</summary>
    public void Drop(string id, string version)
    {
        Delete(FolderOf(id, version));
        var parent = Path.Combine(root, id);
        if (Directory.Exists(parent) && !Directory.EnumerateFileSystemEntries(parent).Any())
            Delete(parent);
    }

    private string FolderOf(string id, string version) => Path.Combine(root, id, version);

    private static StoredPackage Verify(string folder, string? checksum)
    {
        var path = Path.Combine(folder, PackageManifest.FileName);
        if (!File.Exists(path))
            throw new PackageException($"has no {PackageManifest.FileName}.");
        if (new FileInfo(path).Length > PackageManifest.MaxBytes)
            throw new PackageException($"has a {PackageManifest.FileName} of more than {PackageManifest.MaxBytes / 1024} KiB.");
        var text = File.ReadAllBytes(path);
        var sum = Convert.ToHexStringLower(SHA256.HashData(text));
        if (checksum is not null && checksum != sum)
            throw new PackageException("was altered since it was installed.");
        var manifest = PackageManifest.Parse(text);
        var there = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file)).Where(file => file != PackageManifest.FileName).ToHashSet(StringComparer.Ordinal);
        foreach (var (file, expected) in manifest.Files)
        {
            if (!there.Remove(file))
                throw new PackageException($"lacks the file {file} of its manifest.");
            using var stream = File.OpenRead(Path.Combine(folder, file));
            if (Convert.ToHexStringLower(SHA256.HashData(stream)) != expected)
                throw new PackageException($"has a file {file} whose checksum is not that of its manifest.");
        }
        return there.Count == 0 ? new StoredPackage(manifest, sum, folder) : throw new PackageException("has a file that its manifest does not name.");
    }

    private static void FlushFolders(string folder)
    {
        foreach (var inner in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories))
            DurableFile.FlushFolder(inner);
        DurableFile.FlushFolder(folder);
    }

    private void Delete(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.PackageNotDeleted(log, e, folder);
        }
    }
}
