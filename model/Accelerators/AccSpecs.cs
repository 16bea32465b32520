using System.Text.Json;

namespace Cyborg.Model;

/// <summary>What an accelerator is and can do: <c>acc_specs</c> of the Pike proposal (cyborg-api).</summary>
/// <param name="Remote">True if it is reached over the network and not attached to its server; <c>remote</c>, 0 or 1.</param>
/// <param name="Num">How many accelerators it offers at once.</param>
/// <param name="DeviceType">Kind of device in its operator's words, e.g. <c>CRYPTO</c>.</param>
/// <param name="Capability">Tree of what it can do: the text of a JSON object, kept and handed out byte for byte.</param>
public sealed record AccSpecs(bool Remote, int Num, string DeviceType, string Capability)
{
    /// <summary>Largest <see cref="Num"/> that a client may write.</summary>
    public const int MaxNum = 1024;
    /// <summary>Longest <see cref="DeviceType"/>, in characters.</summary>
    public const int MaxDeviceType = 255;
    /// <summary>Longest <see cref="Capability"/>, in characters.</summary>
    public const int MaxCapability = 65535;
    /// <summary>Deepest nesting of <see cref="Capability"/>.</summary>
    public const int MaxDepth = 32;

    /// <summary>Kind of an accelerator of which nobody says what it is.</summary>
    public const string UnknownType = "ACCELERATOR";

    /// <summary>What is to be made when nobody says more than a name.</summary>
    public static AccSpecs Plain { get; } = new(false, 1, UnknownType, CapabilityOf(1));

    /// <summary>Capability of something of which only the number is known.</summary>
    public static string CapabilityOf(int num) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{{\"num\":{num}}}");

    /// <summary>What is wrong with it, in one sentence; null if nothing.</summary>
    public string? Fault()
    {
        if (Num is < 1 or > MaxNum)
            return $"num takes 1 to {MaxNum}, got {Num}.";
        if (DeviceType.Length is 0 or > MaxDeviceType)
            return $"device_type takes 1 to {MaxDeviceType} characters, got {DeviceType.Length}.";
        if (Capability.Length > MaxCapability)
            return $"acc_capability takes at most {MaxCapability} characters, got {Capability.Length}.";
        try
        {
            using var document = JsonDocument.Parse(Capability, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return document.RootElement.ValueKind == JsonValueKind.Object ? null : "acc_capability takes an object.";
        }
        catch (JsonException)
        {
            return $"acc_capability takes a JSON object of at most {MaxDepth} levels.";
        }
    }

    /// <summary>What it does for its user, in lower case: the first function that its capability names (<c>ipsec</c> in the proposal's example), else
    /// its kind.</summary>
    public string AccType()
    {
        try
        {
            using var document = JsonDocument.Parse(Capability, new JsonDocumentOptions { MaxDepth = MaxDepth });
            // {"num": 2, "ipsec": {...}}: what is a tree of its own is a function, the rest are figures.
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (member.Value.ValueKind == JsonValueKind.Object && member.Name.Length is > 0 and <= MaxDeviceType)
                    return member.Name.ToLowerInvariant();
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // A driver's text; it names no function.
        }
        return DeviceType.ToLowerInvariant();
    }
}

/// <summary>Some of <c>acc_specs</c>: what is null stays as it is.</summary>
/// <param name="Remote">As in <see cref="AccSpecs"/>.</param>
/// <param name="Num">As in <see cref="AccSpecs"/>.</param>
/// <param name="DeviceType">As in <see cref="AccSpecs"/>.</param>
/// <param name="Capability">As in <see cref="AccSpecs"/>.</param>
public sealed record AccSpecsChange(bool? Remote, int? Num, string? DeviceType, string? Capability)
{
    /// <summary>The spec after the change.</summary>
    public AccSpecs Apply(AccSpecs specs) =>
        new(Remote ?? specs.Remote, Num ?? specs.Num, DeviceType ?? specs.DeviceType, Capability ?? specs.Capability);
}
