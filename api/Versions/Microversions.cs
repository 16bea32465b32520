using System.Globalization;

namespace Cyborg.Api.Versions;

/// <summary>A version of the API, such as 2.1.</summary>
/// <param name="Major">2 for everything under <c>/v2</c>.</param>
/// <param name="Minor">Rises by one with each change that a client can see.</param>
internal readonly record struct Microversion(int Major, int Minor) : IComparable<Microversion>
{
    /// <summary>Reads <c>N.N</c>, decimal digits only.</summary>
    public static bool TryParse(string text, out Microversion version)
    {
        version = default;
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0
            || !int.TryParse(text.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            || !int.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var minor))
            return false;
        version = new Microversion(major, minor);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(Microversion other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    /// <summary>True if this is <paramref name="minor"/> or newer, within the same major version.</summary>
    public bool AtLeast(int minor) => Minor >= minor;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");
}

/// <summary>Every microversion of v2, oldest first. A change that a client can see gets a new line here and a branch in its handler;
/// the range that the service offers follows from the list. Upstream ends at 2.3, and so does this list.</summary>
internal static class Microversions
{
    private static readonly (Microversion Version, string Change)[] History =
    [
        (new(2, 0), "The API as of the Train release."),
        (new(2, ProjectIdInPatch), "PATCH accelerator_requests takes the path /project_id, from administrators."),
        (new(2, ProfileByName), "GET device_profiles/{name} finds a profile by its name."),
        (new(2, DeviceStatus), "Devices show their status."),
    ];

    /// <summary>From here on a bind may name the owner.</summary>
    public const int ProjectIdInPatch = 1;

    /// <summary>From here on a profile may be got by its name.</summary>
    public const int ProfileByName = 2;

    /// <summary>From here on a device shows its status.</summary>
    public const int DeviceStatus = 3;

    /// <summary>Each version with what it changed.</summary>
    public static IReadOnlyList<(Microversion Version, string Change)> All => History;

    /// <summary>Oldest version served; also what a client without the header gets.</summary>
    public static Microversion Min => History[0].Version;

    /// <summary>Newest version served; <c>latest</c> means this.</summary>
    public static Microversion Max => History[^1].Version;
}
