using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Cyborg.Model;

namespace Cyborg.Drivers.Generic.Mdev;

/// <summary>What an attach handle of type MDEV says: the parent, the type asked for, and a mark that makes it unique on the parent.</summary>
/// <param name="Parent">The parent's address.</param>
/// <param name="Type">Name of the type.</param>
internal sealed record MdevHandle(PciAddress Parent, string Type)
{
    /// <summary>Handle number <paramref name="index"/>, from 0 (upstream: cyborg/common/utils.py, mdev_str_to_json).</summary>
    public static DriverAttachHandle Make(PciAddress parent, string type, int index) => new(
        AttachHandleType.MDEV,
        IdentityJson.Write(
            ("domain", parent.DomainText), ("bus", parent.BusText), ("device", parent.DeviceText), ("function", parent.FunctionText),
            ("asked_type", type), ("vgpu_mark", $"{type}_{index}")),
        HostWork: true);

    /// <summary>Reads a handle. Its type is checked: it becomes part of a path.</summary>
    public static bool TryParse(DriverAttachHandle handle, [NotNullWhen(true)] out MdevHandle? parsed)
    {
        parsed = null;
        if (handle.Type != AttachHandleType.MDEV || !PciAddress.TryParseInfo(handle.Info, out var parent))
            return false;
        using var document = JsonDocument.Parse(handle.Info);
        if (!document.RootElement.TryGetProperty("asked_type", out var type) || type.ValueKind != JsonValueKind.String || !MdevType.IsName(type.GetString()!))
            return false;
        parsed = new MdevHandle(parent, type.GetString()!);
        return true;
    }
}
