using System.Text.Json;
using Cyborg.Model;

namespace Cyborg.Drivers;

/// <summary>What an accelerator is and can do, in the words of the Pike proposal's <c>acc_specs</c>.</summary>
public sealed record AcceleratorSpec
{
    /// <summary>Longest <see cref="DeviceType"/>, in characters.</summary>
    public const int MaxDeviceType = 255;
    /// <summary>Longest <see cref="Capability"/>, in characters: what an attribute's value takes.</summary>
    public const int MaxCapability = 65535;
    /// <summary>Most accelerators of one device.</summary>
    public const int MaxNum = 1024;

    /// <summary>True if it is reached over the network and not attached to this server.</summary>
    public bool Remote { get; init; }
    /// <summary>Accelerators it offers at once, 1 to <see cref="MaxNum"/>; 1.</summary>
    public int Num { get; init; } = 1;
    /// <summary>Kind of device in the operator's words, e.g. <c>CRYPTO</c>; null if nobody says.</summary>
    public string? DeviceType { get; init; }
    /// <summary>Tree of what it can do: the text of a JSON object, kept byte for byte.</summary>
    public string Capability { get; init; } = "{}";

    /// <summary>What is wrong with it, in one sentence; null if nothing.</summary>
    public string? Fault()
    {
        if (Num is < 1 or > MaxNum)
            return $"num is {Num}; it takes 1 to {MaxNum}.";
        if (DeviceType is { Length: 0 or > MaxDeviceType })
            return $"device_type takes 1 to {MaxDeviceType} characters.";
        if (Capability.Length > MaxCapability)
            return $"acc_capability takes at most {MaxCapability} characters.";
        try
        {
            using var document = JsonDocument.Parse(Capability, new JsonDocumentOptions { MaxDepth = 32 });
            return document.RootElement.ValueKind == JsonValueKind.Object ? null : "acc_capability is no JSON object.";
        }
        catch (JsonException)
        {
            return "acc_capability is no JSON object of at most 32 levels.";
        }
    }
}

/// <summary>Keys under which a deployable's attributes carry an <see cref="AcceleratorSpec"/>, beside <c>rc</c> and <c>trait*</c>.</summary>
public static class AcceleratorAttributes
{
    /// <summary>The accelerator's name, as a person calls it.</summary>
    public const string Name = "acc_name";
    /// <summary>Uuid that it was created with; absent if it was found.</summary>
    public const string Uuid = "acc_uuid";
    /// <summary>Where a remote accelerator is reached, e.g. <c>10.0.0.7:4500</c>.</summary>
    public const string Endpoint = "acc_endpoint";
    /// <summary><see cref="AcceleratorSpec.Remote"/>, as <c>0</c> or <c>1</c>.</summary>
    public const string Remote = "acc_remote";
    /// <summary><see cref="AcceleratorSpec.DeviceType"/>.</summary>
    public const string DeviceType = "acc_device_type";
    /// <summary><see cref="AcceleratorSpec.Capability"/>.</summary>
    public const string Capability = "acc_capability";

    /// <summary>A spec as attributes, in a fixed order.</summary>
    public static IReadOnlyList<DriverAttribute> Of(AcceleratorSpec spec)
    {
        List<DriverAttribute> attributes = [new(Remote, spec.Remote ? "1" : "0")];
        if (spec.DeviceType is { } type)
            attributes.Add(new DriverAttribute(DeviceType, type));
        if (spec.Capability != "{}")
            attributes.Add(new DriverAttribute(Capability, spec.Capability));
        return attributes;
    }

    /// <summary>The spec that a deployable's attributes carry; null if they carry none.</summary>
    public static AcceleratorSpec? Read(DriverDeployable deployable)
    {
        if (Value(Remote) is not { } remote)
            return null;
        return new AcceleratorSpec
        {
            Remote = remote == "1",
            Num = deployable.NumAccelerators,
            DeviceType = Value(DeviceType),
            Capability = Value(Capability) ?? "{}",
        };

        string? Value(string key) => deployable.Attributes.FirstOrDefault(attribute => attribute.Key == key)?.Value;
    }
}
