using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Devices;

/// <summary>Lists and shows devices, each in one statement.</summary>
internal static class ReadDevices
{
    public static async Task<DeviceList> ListAsync(ConductorServices services, ListDevices request, CancellationToken stop)
    {
        var filtered = request.Type is not null || request.Vendor is not null || request.Hostname is not null;
        var order = Ordering.From(request.Options, filtered);
        return new(await services.Database.ReadAsync(
            session => DeviceStore.ListAsync(session, request.Type, request.Vendor, request.Hostname, order), stop));
    }

    public static async Task<Device> ShowAsync(ConductorServices services, ById request, CancellationToken stop) =>
        await services.Database.ReadAsync(session => DeviceStore.FindAsync(session, request.Uuid), stop) ?? throw NotFound(request.Uuid);

    public static FaultException NotFound(Guid uuid) => new(FaultCode.DeviceNotFound, $"Device not found with uuid={uuid}");
}
