using System.Text.Json;
using Cyborg.Model;

namespace Cyborg.Conductor.Inventory;

/// <summary>What a device must look like to be stored: a driver's mistake costs that one device, never the report.</summary>
internal static class DriverDeviceRules
{
    private const int MaxName = 255;
    private const int MaxProviderName = 200; // Placement's bound on the name of a resource provider.

    /// <summary>What is wrong with <paramref name="device"/>, or null. Takes its control path and its names if nothing is.</summary>
    public static string? Problem(DriverDevice device, HashSet<DriverControlPath> paths, HashSet<string> names)
    {
        if (paths.Contains(device.ControlPath))
            return $"control path {device.ControlPath.CpidInfo} is reported twice";
        if (Oversized(device.Vendor) || Oversized(device.Model) || Oversized(device.ControlPath.CpidInfo))
            return $"vendor, model and control path take 1 to {MaxName} characters ({device.ControlPath.CpidInfo})";
        var own = new HashSet<string>();
        foreach (var deployable in device.Deployables)
        {
            if (!own.Add(deployable.Name) || names.Contains(deployable.Name))
                return $"deployable name '{deployable.Name}' is used twice on this host";
            if (Problem(deployable) is { } problem)
                return problem;
        }
        paths.Add(device.ControlPath);
        names.UnionWith(own);
        return null;
    }

    private static string? Problem(DriverDeployable deployable)
    {
        if (deployable.Name.Length is 0 or > MaxProviderName)
            return $"deployable name '{deployable.Name}' must have 1 to {MaxProviderName} characters";
        if (deployable.NumAccelerators < 1)
            return $"deployable '{deployable.Name}' offers {deployable.NumAccelerators} accelerators; at least 1 is needed";
        if (deployable.Attributes.DistinctBy(attribute => attribute.Key).Count() != deployable.Attributes.Count)
            return $"deployable '{deployable.Name}' has an attribute key twice";
        if (deployable.AttachHandles.DistinctBy(handle => handle.Info).Count() != deployable.AttachHandles.Count)
            return $"deployable '{deployable.Name}' has an attach handle twice";
        return deployable.AttachHandles.FirstOrDefault(handle => Oversized(handle.Info) || !IsObject(handle.Info)) is { } bad
            ? $"attach info '{bad.Info}' must be a JSON object of at most {MaxName} characters"
            : null;
    }

    private static bool Oversized(string text) => text.Length is 0 or > MaxName;

    private static bool IsObject(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
