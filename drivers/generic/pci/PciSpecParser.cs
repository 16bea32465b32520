using System.Globalization;
using System.Text.Json;
using Cyborg.Model;

namespace Cyborg.Drivers.Generic.Pci;

/// <summary>Reads the values of <c>[pci] passthrough_whitelist</c>, see <see cref="PciDeviceSpec.Syntax"/>.</summary>
public static class PciSpecParser
{
    /// <summary>Reads every value and tells every fault, one line each. An empty value says nothing.</summary>
    public static (IReadOnlyList<PciDeviceSpec> Specs, IReadOnlyList<string> Faults) Parse(IReadOnlyList<string> values)
    {
        var specs = new List<PciDeviceSpec>();
        var faults = new List<string>();
        foreach (var value in values.Select(value => value.Trim()).Where(value => value.Length > 0))
            ParseValue(value, specs, faults);
        return (specs, faults);
    }

    private static void ParseValue(string value, List<PciDeviceSpec> specs, List<string> faults)
    {
        if (value == PciDeviceSpec.AutoWord)
        {
            specs.Add(new PciDeviceSpec { Auto = true });
            return;
        }
        try
        {
            using var document = JsonDocument.Parse(value);
            var objects = document.RootElement.ValueKind == JsonValueKind.Array ? [.. document.RootElement.EnumerateArray()] : new[] { document.RootElement };
            foreach (var element in objects)
                ParseObject(element, specs, faults);
        }
        catch (JsonException)
        {
            faults.Add($"'{value}' is neither JSON nor the word {PciDeviceSpec.AutoWord}");
        }
    }

    private static void ParseObject(JsonElement element, List<PciDeviceSpec> specs, List<string> faults)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            faults.Add($"{element.GetRawText()} is no JSON object");
            return;
        }
        try
        {
            specs.Add(Spec(element));
        }
        catch (FormatException e)
        {
            faults.Add($"{element.GetRawText()}: {e.Message}");
        }
    }

    private static PciDeviceSpec Spec(JsonElement element)
    {
        var address = element.TryGetProperty("address", out var given) ? Address(given) : null;
        var devname = Text(element, "devname");
        if (devname is not null && address is not null)
            throw new FormatException("give address or devname, not both");
        if (devname is "" or "." or ".." || devname?.Contains('/', StringComparison.Ordinal) == true)
            throw new FormatException($"devname '{devname}' is no name of a network interface");
        return new PciDeviceSpec
        {
            VendorId = Id(element, "vendor_id"),
            ProductId = Id(element, "product_id"),
            Address = address ?? PciAddressPattern.Any,
            Interface = devname,
            Type = Type(element),
            ResourceClass = ResourceClass(element),
            Traits = Traits(element),
        };
    }

    private static int? Id(JsonElement element, string key)
    {
        var text = Text(element, key);
        if (text is null or "*")
            return null;
        var digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        return digits.Length is > 0 and <= 4 && int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new FormatException($"{key} '{text}' is neither up to four hex digits nor *");
    }

    private static PciAddressPattern Address(JsonElement address)
    {
        if (address.ValueKind == JsonValueKind.String)
            return PciAddressPattern.ParseGlob(address.GetString()!);
        if (address.ValueKind != JsonValueKind.Object || address.EnumerateObject().Any(field => field.Value.ValueKind != JsonValueKind.String))
            throw new FormatException("address is neither a text nor an object of texts");
        var expressions = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in address.EnumerateObject())
            expressions[field.Name] = field.Value.GetString()!;
        return PciAddressPattern.ParseExpressions(expressions);
    }

    private static DeviceType? Type(JsonElement element)
    {
        var text = Text(element, "type");
        if (text is null)
            return null;
        return Enum.GetNames<DeviceType>().Contains(text)
            ? Enum.Parse<DeviceType>(text)
            : throw new FormatException($"type '{text}' is none of {string.Join(", ", Enum.GetNames<DeviceType>())}");
    }

    private static string? ResourceClass(JsonElement element)
    {
        var text = Text(element, "resource_class");
        return text is null || PlacementNames.IsResourceClass(text)
            ? text
            : throw new FormatException($"resource_class '{text}' is none of PGPU, VGPU, FPGA and CUSTOM_* (capitals, digits and _)");
    }

    private static List<string> Traits(JsonElement element)
    {
        if (!element.TryGetProperty("traits", out var value))
            return [];
        var traits = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            JsonValueKind.Array when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
                [.. value.EnumerateArray().Select(item => item.GetString()!)],
            _ => throw new FormatException("traits is neither a text nor a list of texts"),
        };
        return traits.FirstOrDefault(trait => !PlacementNames.IsTrait(trait)) is { } wrong
            ? throw new FormatException($"'{wrong}' is no trait that a device can have (CUSTOM_* in capitals, digits and _, or a standard one)")
            : [.. traits];
    }

    private static string? Text(JsonElement element, string key)
    {
        if (!element.TryGetProperty(key, out var value))
            return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString()!.Trim() : throw new FormatException($"{key} is no text");
    }
}
