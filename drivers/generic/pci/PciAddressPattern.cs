using System.Globalization;
using System.Text.RegularExpressions;

namespace Cyborg.Drivers.Generic.Pci;

/// <summary>A set of PCI addresses: a pattern for each of domain, bus, slot and function (grammar: Nova's <c>passthrough_whitelist</c>,
/// nova/pci/devspec.py).</summary>
public sealed class PciAddressPattern
{
    private static readonly string[] FieldNames = ["domain", "bus", "slot", "function"];
    private static readonly int[] Limits = [0xFFFF, 0xFF, 0x1F, 7];

    private readonly IReadOnlyList<Func<string, bool>?> _fields;

    private PciAddressPattern(IReadOnlyList<Func<string, bool>?> fields) => _fields = fields;

    /// <summary>Every address.</summary>
    public static PciAddressPattern Any { get; } = new([null, null, null, null]);

    /// <summary>True if the address is in the set.</summary>
    public bool Matches(PciAddress address) =>
        Matches(0, address.DomainText) && Matches(1, address.BusText) && Matches(2, address.DeviceText) && Matches(3, address.FunctionText);

    /// <summary>Reads <c>dddd:bb:ss.f</c>; a field may be <c>*</c> or empty, and domain, bus and slot may be absent from the left.</summary>
    /// <exception cref="FormatException">It is none, or a field is above its limit (FFFF, FF, 1F, 7).</exception>
    public static PciAddressPattern ParseGlob(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var function = dot < 0 ? "" : text[(dot + 1)..];
        var left = (dot < 0 ? text : text[..dot]).Split(':');
        if (left.Length > 3)
            throw new FormatException($"address '{text}' is not of the form dddd:bb:ss.f");
        string[] fields = [.. Enumerable.Repeat("", 3 - left.Length), .. left, function];
        return new PciAddressPattern([.. fields.Select((field, i) => Exactly(text, field.Trim(), i))]);
    }

    /// <summary>Reads regular expressions for <c>domain</c>, <c>bus</c>, <c>slot</c>, <c>function</c>; an absent one is <c>.*</c>. Each is matched
    /// at the start of its field (4, 2, 2 and 1 lower-case hex digits).</summary>
    /// <exception cref="FormatException">An unknown field, or no regular expression.</exception>
    public static PciAddressPattern ParseExpressions(IReadOnlyDictionary<string, string> expressions)
    {
        if (expressions.Keys.FirstOrDefault(key => !FieldNames.Contains(key)) is { } unknown)
            throw new FormatException($"address has no field '{unknown}'; it has {string.Join(", ", FieldNames)}");
        return new PciAddressPattern([.. FieldNames.Select(name => expressions.TryGetValue(name, out var text) ? Expression(name, text) : null)]);
    }

    private bool Matches(int field, string value) => _fields[field] is not { } matches || matches(value);

    private static Func<string, bool>? Exactly(string text, string field, int index)
    {
        if (field is "" or "*")
            return null;
        if (!int.TryParse(field, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) || value < 0)
            throw new FormatException($"address '{text}': {FieldNames[index]} '{field}' is neither a hex number nor *");
        return value <= Limits[index]
            ? candidate => int.Parse(candidate, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) == value
            : throw new FormatException($"address '{text}': {FieldNames[index]} {field} is above {Limits[index]:X}");
    }

    private static Func<string, bool> Expression(string name, string text)
    {
        try
        {
            // Without backtracking no expression can hold up a discovery.
            var expression = new Regex($@"\A(?:{text})", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return expression.IsMatch;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new FormatException($"address: {name} '{text}' is no regular expression (look-around and back references are not supported)", e);
        }
    }
}
