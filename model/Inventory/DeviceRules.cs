using System.Text.Json;

namespace Cyborg.Model;

/// <summary>What every reported device must obey, whoever wrote its driver: widths of the database, names of Placement, and texts that are JSON.</summary>
public static class DeviceRules
{
    /// <summary>Longest control path info and attach handle info, in characters.</summary>
    public const int MaxInfo = 255;
    /// <summary>Longest name of a deployable: Placement's limit for a resource provider, in characters.</summary>
    public const int MaxName = 200;
    /// <summary>Longest driver name of a deployable, in characters.</summary>
    public const int MaxDriverName = 100;

    /// <summary>What a device breaks, in one sentence; null if nothing.</summary>
    public static string? Fault(DriverDevice device)
    {
        if (device.Vendor.Length is 0 or > MaxInfo || device.Model.Length is 0 or > MaxInfo)
            return $"vendor and model take 1 to {MaxInfo} characters.";
        if (device.ControlPath.CpidType != "PCI")
            return $"control path type '{device.ControlPath.CpidType}' is unknown.";
        if (device.ControlPath.CpidInfo.Length > MaxInfo || !IsJsonObject(device.ControlPath.CpidInfo))
            return $"the control path info is no JSON object of at most {MaxInfo} characters.";
        if (device.Deployables.Select(deployable => deployable.Name).Distinct(StringComparer.Ordinal).Count() != device.Deployables.Count)
            return "two deployables have one name.";
        return device.Deployables.Select(Fault).FirstOrDefault(fault => fault is not null);
    }

    private static string? Fault(DriverDeployable deployable)
    {
        var name = deployable.Name;
        if (name.Length is 0 or > MaxName)
            return $"a deployable's name takes 1 to {MaxName} characters.";
        if (deployable.DriverName is { Length: > MaxDriverName })
            return $"{name}: a driver name takes at most {MaxDriverName} characters.";
        if (deployable.NumAccelerators < 1)
            return $"{name}: num_accelerators is below 1.";
        return AttributesFault(deployable) ?? HandlesFault(deployable);
    }

    private static string? AttributesFault(DriverDeployable deployable)
    {
        var name = deployable.Name;
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in deployable.Attributes)
        {
            if (key.Length == 0 || !keys.Add(key))
                return $"{name}: the attribute key '{key}' is empty or given twice.";
            if (key == "rc" && !PlacementNames.IsResourceClass(value))
                return $"{name}: '{value}' is no resource class of an accelerator.";
            if (key.StartsWith("trait", StringComparison.Ordinal) && !PlacementNames.IsTrait(value))
                return $"{name}: '{value}' is no trait.";
        }
        return keys.Contains("rc") ? null : $"{name}: the attribute 'rc' (resource class) is missing.";
    }

    private static string? HandlesFault(DriverDeployable deployable)
    {
        var infos = new HashSet<string>(StringComparer.Ordinal);
        foreach (var handle in deployable.AttachHandles)
        {
            if (handle.Info.Length > MaxInfo || !IsJsonObject(handle.Info))
                return $"{deployable.Name}: an attach handle's info is no JSON object of at most {MaxInfo} characters.";
            if (!infos.Add(handle.Info))
                return $"{deployable.Name}: the attach handle {handle.Info} is given twice.";
        }
        return null;
    }

    private static bool IsJsonObject(string text)
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
