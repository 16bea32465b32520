using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Cyborg.Drivers;

namespace Cyborg.Agent.Packages;

/// <summary>What a driver package says of itself, in its <c>manifest.json</c>.</summary>
/// <param name="Id">Name of its driver, as devices name it.</param>
/// <param name="Version">Two to four numbers with dots between them.</param>
/// <param name="Contract">The <see cref="DriverContract.Version"/> that it was built against.</param>
/// <param name="Assembly">File of the assembly that holds its entry point.</param>
/// <param name="Type">Full name of the entry point, an <see cref="IDriverPackage"/>.</param>
/// <param name="Files">SHA-256 in lower-case hex of each of its files, by path.</param>
internal sealed partial record PackageManifest(
    string Id, string Version, int Contract, string Assembly, string Type, IReadOnlyDictionary<string, string> Files)
{
    /// <summary>Its file in a package.</summary>
    public const string FileName = "manifest.json";

    /// <summary>Most files of a package.</summary>
    public const int MaxFiles = 1000;

    /// <summary>Largest manifest, in bytes.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="PackageException">It makes no sense.</exception>
    public static PackageManifest Parse(ReadOnlySpan<byte> utf8)
    {
        PackageManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(utf8, PackageJson.Default.PackageManifest);
        }
        catch (JsonException e)
        {
            throw new PackageException($"has a {FileName} that is no manifest: it takes id, version, contract, assembly, type and files.", e);
        }
        if (manifest is null)
            throw new PackageException($"has an empty {FileName}.");
        return manifest.Fault() is { } fault ? throw new PackageException(fault) : manifest;
    }

    /// <summary>True for the id of a package: lower case, digits and <c>_</c>, 64 characters at most.</summary>
    public static bool IsId(string id) => IdPattern().IsMatch(id);

    /// <summary>True for a version: two to four numbers with dots between them.</summary>
    public static bool IsVersion(string version) => VersionPattern().IsMatch(version);

    /// <summary>True for a path that stays in its package: plain names, no deeper than eight.</summary>
    public static bool IsPath(string path) =>
        path.Length <= 200 && path.Split('/') is { Length: <= 8 } parts && parts.All(part => PartPattern().IsMatch(part) && part.Trim('.').Length > 0);

    private string? Fault()
    {
        if (!IsId(Id))
            return "has a manifest whose id is not 1 to 64 of a-z, 0-9 and _, beginning with a letter.";
        if (!IsVersion(Version))
            return "has a manifest whose version is not two to four numbers with dots between them.";
        if (Contract != DriverContract.Version)
            return $"was built against version {Contract} of the driver contract; this agent has version {DriverContract.Version}.";
        if (Files.Count is 0 or > MaxFiles)
            return $"has a manifest with {Files.Count} files; it takes 1 to {MaxFiles}.";
        if (Files.Keys.FirstOrDefault(path => !IsPath(path) || path == FileName) is not null)
            return "has a manifest that names a file outside of the package.";
        if (Files.FirstOrDefault(file => !SumPattern().IsMatch(file.Value)) is { Key: { } unsummed })
            return $"has a manifest without a SHA-256 of {unsummed}.";
        if (!Assembly.EndsWith(".dll", StringComparison.Ordinal) || !Files.ContainsKey(Assembly))
            return "has a manifest whose assembly is none of its files.";
        return Type.Length is 0 or > 500 ? "has a manifest without a type." : null;
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9_]{0,63}\z")]
    private static partial Regex IdPattern();

    [GeneratedRegex(@"\A(0|[1-9][0-9]{0,5})(\.(0|[1-9][0-9]{0,5})){1,3}\z")]
    private static partial Regex VersionPattern();

    [GeneratedRegex(@"\A[A-Za-z0-9._+-]{1,100}\z")]
    private static partial Regex PartPattern();

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    private static partial Regex SumPattern();
}

/// <summary>How manifests and options of packages are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PackageManifest))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class PackageJson : JsonSerializerContext;
