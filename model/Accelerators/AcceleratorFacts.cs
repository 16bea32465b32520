using System.Globalization;
using System.Text.Json;

namespace Cyborg.Model;

/// <summary>What a device tells of the accelerator that it is. Keys of attributes are those of the driver contract
/// (<c>Cyborg.Drivers.AcceleratorAttributes</c>).</summary>
public static class AcceleratorFacts
{
    /// <summary>Attribute with the accelerator's name.</summary>
    public const string NameKey = "acc_name";
    /// <summary>Attribute with the uuid that it was created with.</summary>
    public const string UuidKey = "acc_uuid";
    /// <summary>Attribute with <see cref="AccSpecs.Remote"/>, 0 or 1.</summary>
    public const string RemoteKey = "acc_remote";
    /// <summary>Attribute with <see cref="AccSpecs.DeviceType"/>.</summary>
    public const string DeviceTypeKey = "acc_device_type";
    /// <summary>Attribute with <see cref="AccSpecs.Capability"/>.</summary>
    public const string CapabilityKey = "acc_capability";

    /// <summary>Keys of attributes that a spec depends on.</summary>
    public static IReadOnlyList<string> SpecKeys { get; } = [RemoteKey, DeviceTypeKey, CapabilityKey];

    /// <summary>The uuid that a device was created with; null if it was found.</summary>
    public static Guid? CreatedUuid(DriverDevice device) =>
        Guid.TryParseExact(First(Attributes(device), UuidKey), "D", out var uuid) ? uuid : null;

    /// <summary>The name that a device's accelerator would have, if nobody else has it: what its driver calls it, or its first deployable.</summary>
    public static string? WishedName(DriverDevice device)
    {
        var name = First(Attributes(device), NameKey) ?? (device.Deployables.Count > 0 ? device.Deployables[0].Name : null);
        return name is { Length: > Accelerator.MaxName } ? name[..Accelerator.MaxName] : name;
    }

    /// <summary><paramref name="name"/> with the begin of the uuid behind it, for a name that somebody else has.</summary>
    public static string Distinguished(string name, Guid uuid)
    {
        var suffix = $"-{uuid:N}"[..9];
        return (name.Length + suffix.Length > Accelerator.MaxName ? name[..(Accelerator.MaxName - suffix.Length)] : name) + suffix;
    }

    /// <summary>The spec that a device has by itself: what its driver says, or what follows from its kind and number.</summary>
    public static AccSpecs Specs(DriverDevice device) =>
        Specs(device.Type, device.Deployables.Sum(deployable => deployable.NumAccelerators), Attributes(device));

    /// <summary>As <see cref="Specs(DriverDevice)"/>, from its parts.</summary>
    /// <param name="type">Kind of the device.</param>
    /// <param name="num">Accelerators of all its deployables.</param>
    /// <param name="attributes">Facts of its deployables, in their order.</param>
    public static AccSpecs Specs(DeviceType type, int num, IReadOnlyCollection<DriverAttribute> attributes)
    {
        var specs = new AccSpecs(
            First(attributes, RemoteKey) == "1",
            num,
            First(attributes, DeviceTypeKey) ?? type.ToString(),
            First(attributes, CapabilityKey) ?? AccSpecs.CapabilityOf(num));
        // A driver's text is not a client's: what cannot be shown is left out.
        return (specs with { Num = Math.Clamp(num, 1, AccSpecs.MaxNum) }).Fault() is null
            ? specs
            : specs with { DeviceType = type.ToString(), Capability = AccSpecs.CapabilityOf(num) };
    }

    /// <summary>The product that a device's board facts name; null if none.</summary>
    public static string? ProductId(string? boardInfo)
    {
        if (boardInfo is null)
            return null;
        try
        {
            using var document = JsonDocument.Parse(boardInfo);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Text(document.RootElement, "product_id") ?? Text(document.RootElement, "device_id")
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement facts, string name) =>
        facts.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= 255 } text ? text
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number.ToString(CultureInfo.InvariantCulture) : null;

    private static List<DriverAttribute> Attributes(DriverDevice device) => [.. device.Deployables.SelectMany(deployable => deployable.Attributes)];

    private static string? First(IEnumerable<DriverAttribute> attributes, string key) => attributes.FirstOrDefault(attribute => attribute.Key == key)?.Value;
}
