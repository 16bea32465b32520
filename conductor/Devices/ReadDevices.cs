using Cyborg.Conductor.Cache;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Conductor.Devices;

/// <summary>Lists and shows devices, from the cache.</summary>
internal static class ReadDevices
{
    private static readonly ListOrder<Device> Order = new(
        new Dictionary<string, Func<Device, object?>>
        {
            ["id"] = device => device.Id,
            ["uuid"] = device => device.Uuid,
            ["type"] = device => device.Type.ToString(),
            ["vendor"] = device => device.Vendor,
            ["model"] = device => device.Model,
            ["hostname"] = device => device.Hostname,
            ["created_at"] = device => device.CreatedAt,
            ["updated_at"] = device => device.UpdatedAt,
        },
        device => device.CreatedAt);

    public static async Task<DeviceList> ListAsync(ConductorServices services, ListDevices request, CancellationToken stop)
    {
        var inventory = await services.Cache.VersionedInventoryAsync(stop);
        var devices = inventory.Value.Devices.Where(device =>
            (request.Type is null || device.Type.ToString() == request.Type)
            && (request.Vendor is null || device.Vendor == request.Vendor)
            && (request.Hostname is null || device.Hostname == request.Hostname));
        var filtered = request.Type is not null || request.Vendor is not null || request.Hostname is not null;
        return new DeviceList(Order.Apply(devices, request.Options, filtered)) { Revision = inventory.Revision };
    }

    public static async Task<Device> ShowAsync(ConductorServices services, ById request, CancellationToken stop) =>
        (await services.Cache.InventoryAsync(stop)).FindDevice(request.Uuid) ?? throw NotFound(request.Uuid);

    public static FaultException NotFound(Guid uuid) => new(FaultCode.DeviceNotFound, $"Device not found with uuid={uuid}");
}
