using System.Text.Json;
using Cyborg.Model;

namespace Cyborg.Drivers;

/// <summary>Backends and services of any driver, whether it says something of its own about them or not.</summary>
public static class DriverServices
{
    /// <summary>A driver's backends: its own list, or one backend of the driver's name.</summary>
    public static IReadOnlyList<DriverBackend> BackendsOf(IAcceleratorDriver driver) =>
        driver is IBackendDriver backends ? backends.Backends : [new DriverBackend(driver.Name, driver.Name)];

    /// <summary>What a driver offers: its own answer, or what follows from its devices.</summary>
    public static async Task<IReadOnlyList<BackendServices>> DiscoverAsync(IAcceleratorDriver driver, CancellationToken cancellationToken)
    {
        if (driver is IBackendDriver backends)
            return await backends.DiscoverServicesAsync(cancellationToken).ConfigureAwait(false);
        var backend = BackendsOf(driver)[0];
        try
        {
            return [Of(backend, await driver.DiscoverAsync(cancellationToken).ConfigureAwait(false))];
        }
        catch (DriverException e)
        {
            return [new BackendServices(backend, e.Message, [])];
        }
    }

    /// <summary>What follows from a backend's devices: a function is what a deployable's capability names, and otherwise the kind of device.</summary>
    public static BackendServices Of(DriverBackend backend, DriverFindings found)
    {
        var offers = from device in found.Devices
                     from deployable in device.Deployables
                     from function in Functions(device, deployable)
                     group (Usable: !device.Stub, deployable.NumAccelerators) by function into offered
                     orderby offered.Key
                     select new DriverService(
                         offered.Key,
                         offered.Any(offer => offer.Usable) ? DriverServiceState.Up : DriverServiceState.Down,
                         offered.Sum(offer => offer.NumAccelerators));
        return new BackendServices(backend, null, [.. offers.OrderBy(service => service.Function, StringComparer.Ordinal)]);
    }

    private static List<string> Functions(DriverDevice device, DriverDeployable deployable)
    {
        if (deployable.Attributes.FirstOrDefault(attribute => attribute.Key == AcceleratorAttributes.Capability) is { } capability
            && Named(capability.Value) is { Count: > 0 } named)
            return named;
        var mediated = deployable.AttachHandles.Any(handle => handle.Type == AttachHandleType.MDEV);
        return [(mediated ? "v" : "") + device.Type.ToString().ToLowerInvariant()];
    }

    // {"num": 2, "ipsec": {...}}: what is a tree of its own is a function, the rest are figures.
    private static List<string> Named(string capability)
    {
        try
        {
            using var document = JsonDocument.Parse(capability);
            return document.RootElement.ValueKind != JsonValueKind.Object
                ? []
                : [.. document.RootElement.EnumerateObject()
                    .Where(member => member.Value.ValueKind == JsonValueKind.Object)
                    .Select(member => member.Name.ToLowerInvariant()).Distinct(StringComparer.Ordinal)];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
