using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cyborg.TestServers;

/// <summary>Packs driver packages as vendors do, and as enemies do.</summary>
public static class DriverPackageFile
{
    /// <summary>Id of the sample package.</summary>
    public const string SampleId = "sample_driver";

    private const string Assembly = "Cyborg.SamplePackage.dll";

    /// <summary>Packs the sample, whose assembly lies beside the tests.</summary>
    /// <param name="folder">Where the archive goes.</param>
    /// <param name="version">The version that it says it has.</param>
    /// <param name="entry">Its entry point, in the sample's namespace.</param>
    /// <param name="change">Changes the manifest; null to leave it right.</param>
    /// <param name="add">Adds to the archive; null for nothing.</param>
    /// <param name="fileVersion">The version in the archive's name; null for <paramref name="version"/>.</param>
    /// <returns>SHA-256 of the archive.</returns>
    public static string PackSample(
        string folder, string version, string entry = "SamplePackage", Action<JsonObject>? change = null, Action<TarWriter>? add = null, string? fileVersion = null)
    {
        var assembly = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "sample-package", Assembly));
        var manifest = new JsonObject
        {
            ["id"] = SampleId,
            ["version"] = version,
            ["contract"] = 1,
            ["assembly"] = Assembly,
            ["type"] = $"Cyborg.SamplePackage.{entry}",
            ["files"] = new JsonObject { [Assembly] = Sum(assembly) },
        };
        change?.Invoke(manifest);
        return Pack(Path.Combine(folder, $"{SampleId}-{fileVersion ?? version}.tar.gz"), tar =>
        {
            Add(tar, "manifest.json", Encoding.UTF8.GetBytes(manifest.ToJsonString(new JsonSerializerOptions { WriteIndented = true })));
            Add(tar, Assembly, assembly);
            add?.Invoke(tar);
        });
    }

    /// <summary>Writes a .tar.gz archive; gives its SHA-256.</summary>
    public static string Pack(string path, Action<TarWriter> content)
    {
        using (var file = File.Create(path))
        using (var zipped = new GZipStream(file, CompressionLevel.Fastest))
        using (var tar = new TarWriter(zipped))
            content(tar);
        return Sum(File.ReadAllBytes(path));
    }

    /// <summary>Adds a plain file.</summary>
    public static void Add(TarWriter tar, string name, byte[] content) =>
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });

    /// <summary>SHA-256, lower-case hex.</summary>
    public static string Sum(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
