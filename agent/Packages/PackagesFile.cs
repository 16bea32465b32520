namespace Cyborg.Agent.Packages;

/// <summary>An installed package.</summary>
/// <param name="Id">The package, and its driver.</param>
/// <param name="Version">Its version that is in use.</param>
/// <param name="Manifest">SHA-256 in lower-case hex of its manifest, which has those of its other files.</param>
/// <param name="Order">The call that put it there: one that is sent again finds its work done.</param>
internal sealed record PackageEntry(string Id, string Version, string Manifest, Guid Order);

/// <summary>The content of <c>packages.json</c>: which packages are in use. A package is in use from the moment in which this is written.</summary>
/// <param name="Packages">One entry for each, in the order in which they were installed.</param>
internal sealed record PackagesFile(IReadOnlyList<PackageEntry> Packages)
{
    public const string Name = "packages.json";

    public static PackagesFile Empty { get; } = new([]);

    public bool IsSound() =>
        Packages.All(entry => entry is not null && PackageManifest.IsId(entry.Id) && PackageManifest.IsVersion(entry.Version))
        && Packages.DistinctBy(entry => entry.Id).Count() == Packages.Count;

    public PackageEntry? Find(string id) => Packages.FirstOrDefault(entry => entry.Id == id);

    public PackagesFile With(PackageEntry entry) => Find(entry.Id) is null
        ? new([.. Packages, entry])
        : new([.. Packages.Select(known => known.Id == entry.Id ? entry : known)]);

    public PackagesFile Without(string id) => new([.. Packages.Where(entry => entry.Id != id)]);
}
