namespace Cyborg.Api.Versions;

/// <summary>Every microversion of v1, oldest first; see <see cref="Microversions"/> for v2.</summary>
internal static class MicroversionsV1
{
    private static readonly (Microversion Version, string Change)[] History =
    [
        (new(1, 0), "The Pike proposal (cyborg-api) to the letter."),
        (new(1, Operable), "acc_specs, host and backend on create; name, state, places, resource providers, generation and dates of an accelerator; "
            + "filters and pages; state ready and inactive; deprovisioning; usage."),
    ];

    /// <summary>From here on accelerators have the fields and actions without which they cannot be operated.</summary>
    public const int Operable = 1;

    /// <summary>Each version with what it changed.</summary>
    public static IReadOnlyList<(Microversion Version, string Change)> All => History;

    /// <summary>Oldest version served; also what a client without the header gets.</summary>
    public static Microversion Min => History[0].Version;

    /// <summary>Newest version served; <c>latest</c> means this.</summary>
    public static Microversion Max => History[^1].Version;
}
