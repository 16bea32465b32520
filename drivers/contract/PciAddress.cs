using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Cyborg.Model;

namespace Cyborg.Drivers;

/// <summary>Address of a PCI function, e.g. <c>0000:84:00.0</c>. Order: domain, bus, device, function.</summary>
/// <param name="Domain">0 to FFFF; wider ones (Intel VMD) do not fit what Nova reads.</param>
/// <param name="Bus">0 to FF.</param>
/// <param name="Device">0 to 1F.</param>
/// <param name="Function">0 to 7.</param>
public readonly record struct PciAddress(int Domain, int Bus, int Device, int Function) : IComparable<PciAddress>
{
    /// <summary>Domain as text, four hex digits.</summary>
    public string DomainText => Domain.ToString("x4", CultureInfo.InvariantCulture);
    /// <summary>Bus as text, two hex digits.</summary>
    public string BusText => Bus.ToString("x2", CultureInfo.InvariantCulture);
    /// <summary>Device as text, two hex digits.</summary>
    public string DeviceText => Device.ToString("x2", CultureInfo.InvariantCulture);
    /// <summary>Function as text, one digit.</summary>
    public string FunctionText => Function.ToString("x1", CultureInfo.InvariantCulture);

    /// <summary>Reads <c>hhhh:hh:hh.f</c> and nothing else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out PciAddress address)
    {
        address = default;
        if (text is not { Length: 12 } || text[4] != ':' || text[7] != ':' || text[10] != '.')
            return false;
        if (!Hex(text.AsSpan(0, 4), out var domain) || !Hex(text.AsSpan(5, 2), out var bus)
            || !Hex(text.AsSpan(8, 2), out var device) || !Hex(text.AsSpan(11, 1), out var function) || device > 0x1f || function > 7)
            return false;
        address = new PciAddress(domain, bus, device, function);
        return true;
    }

    /// <summary>Reads the info of a control path or attach handle: an object with <c>domain</c>, <c>bus</c>, <c>device</c>, <c>function</c>.</summary>
    public static bool TryParseInfo(string info, out PciAddress address)
    {
        address = default;
        try
        {
            using var document = JsonDocument.Parse(info);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && TryParse($"{Part("domain")}:{Part("bus")}:{Part("device")}.{Part("function")}", out address);

            string? Part(string name) =>
                document.RootElement.TryGetProperty(name, out var part) && part.ValueKind == JsonValueKind.String ? part.GetString() : null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The address as <c>{"bus": "84", "device": "00", "domain": "0000", "function": "0"}</c>, an identity key.</summary>
    public string ToInfo() =>
        IdentityJson.Write(("domain", DomainText), ("bus", BusText), ("device", DeviceText), ("function", FunctionText));

    /// <summary>The address as a control path.</summary>
    public DriverControlPath ToControlPath() => new("PCI", ToInfo());

    /// <inheritdoc/>
    public int CompareTo(PciAddress other) =>
        (Domain, Bus, Device, Function).CompareTo((other.Domain, other.Bus, other.Device, other.Function));

    /// <summary>True if left comes first.</summary>
    public static bool operator <(PciAddress left, PciAddress right) => left.CompareTo(right) < 0;
    /// <summary>True if left comes last.</summary>
    public static bool operator >(PciAddress left, PciAddress right) => left.CompareTo(right) > 0;
    /// <summary>True if left does not come last.</summary>
    public static bool operator <=(PciAddress left, PciAddress right) => left.CompareTo(right) <= 0;
    /// <summary>True if left does not come first.</summary>
    public static bool operator >=(PciAddress left, PciAddress right) => left.CompareTo(right) >= 0;

    /// <summary>As <c>lspci -D</c> writes it.</summary>
    public override string ToString() => $"{DomainText}:{BusText}:{DeviceText}.{FunctionText}";

    private static bool Hex(ReadOnlySpan<char> digits, out int value) =>
        int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
