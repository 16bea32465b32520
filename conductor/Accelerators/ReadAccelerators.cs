using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Accelerators;

/// <summary>Lists and shows accelerators: from the cache, but for who has their handles and what they are attached to. Four statements, however long the list, unless something has
/// changed.</summary>
internal static class ReadAccelerators
{
    /// <exception cref="FaultException"><see cref="FaultCode.InvalidInput"/>: the marker is no accelerator of the list.</exception>
    public static async Task<AcceleratorList> ListAsync(ConductorServices services, ListAccelerators request, ProjectScope scope, CancellationToken stop)
    {
        var stored = (await services.Cache.AcceleratorsAsync(stop)).Accelerators;
        var views = new AcceleratorViews(
            await services.Cache.InventoryAsync(stop), await services.Database.ReadAsync(AttachmentStore.AllAsync, stop), scope);
        var found = stored.Where(one => views.IsThere(one) && Fits(one.Accelerator, request)
            && (request.ResourceProvider is not { } provider || views.Providers(one).Contains(provider))).ToList();
        if (request.Marker is { } marker)
        {
            // By the key, so that a page goes on where the last one ended though its last accelerator fits the filters no more.
            var last = stored.FirstOrDefault(one => one.Accelerator.Uuid == marker)
                ?? throw new FaultException(FaultCode.InvalidInput, $"The marker {marker} is no accelerator.");
            found.RemoveAll(one => one.Accelerator.Id <= last.Accelerator.Id);
        }
        // A state depends on the handles; without a filter on it only the page's are to be counted.
        var page = request.State is null && request.Limit is { } limit ? found.Take(limit + 1).ToList() : found;
        var shown = await ShowAsync(services, views, page, stop);
        if (request.State is { } state)
            shown = shown.Where(one => AcceleratorStates.Word(one.State) == state);
        List<Accelerator> whole = [.. shown];
        return request.Limit is { } most && whole.Count > most ? new AcceleratorList(whole[..most], More: true) : new AcceleratorList(whole, More: false);
    }

    /// <exception cref="FaultException"><see cref="FaultCode.AcceleratorNotFound"/>.</exception>
    public static async Task<Accelerator> ShowAsync(ConductorServices services, Guid uuid, ProjectScope scope, CancellationToken stop)
    {
        var stored = (await services.Cache.AcceleratorsAsync(stop)).Find(uuid) ?? throw AcceleratorFaults.NotFound(uuid);
        var views = new AcceleratorViews(
            await services.Cache.InventoryAsync(stop), await services.Database.ReadAsync(session => AttachmentStore.OfAsync(session, uuid), stop), scope);
        return views.IsThere(stored) ? (await ShowAsync(services, views, [stored], stop)).Single() : throw AcceleratorFaults.NotFound(uuid);
    }

    private static async Task<IEnumerable<Accelerator>> ShowAsync(
        ConductorServices services, AcceleratorViews views, List<StoredAccelerator> page, CancellationToken stop)
    {
        List<int> devices = [.. page.Select(one => one.DeviceId).OfType<int>()];
        var handles = devices.Count == 0
            ? []
            : (await services.Database.ReadAsync(session => AcceleratorStore.HandlesAsync(session, devices.Count > 500 ? null : devices), stop))
                .ToDictionary(count => count.DeviceId);
        return page.Select(one => views.Show(one, one.DeviceId is { } device ? handles.GetValueOrDefault(device) : null));
    }

    private static bool Fits(Accelerator accelerator, ListAccelerators request) =>
        Is(request.Name, accelerator.Name) && Is(request.Host, accelerator.Host) && Is(request.Backend, accelerator.Backend)
        && Is(request.Driver, accelerator.Driver) && Is(request.DeviceType, accelerator.Specs.DeviceType)
        && Is(request.AccType, accelerator.AccType) && Is(request.VendorId, accelerator.VendorId)
        && (request.Remote is null || request.Remote == accelerator.Specs.Remote);

    private static bool Is(string? wanted, string? value) => wanted is null || wanted == value;
}
