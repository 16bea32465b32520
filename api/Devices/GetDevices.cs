using System.Collections.Frozen;
using Cyborg.Api.Calls;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Api.Devices;

/// <summary><c>GET /v2/devices</c>: exact filters, and all of them must match; a word that no device has gives an empty list.</summary>
internal static class GetDevices
{
    private static readonly FrozenSet<string> SortKeys = new[]
    {
        "id", "uuid", "type", "vendor", "model", "hostname", "created_at", "updated_at",
    }.ToFrozenSet(StringComparer.Ordinal);

    public static async Task<Reply> HandleAsync(ApiCall call)
    {
        var query = call.QueryWith(ListFilters.Arguments, "type", "vendor", "hostname");
        var (type, vendor, hostname) = (query.NonEmpty("type"), query.NonEmpty("vendor"), query.NonEmpty("hostname"));
        var filters = ListFilters.Parse(query, SortKeys, otherFilter: (type ?? vendor ?? hostname) is not null);
        return await call.ListAsync(ListKind.Inventory, async () =>
        {
            var found = await call.AskAsync(Verbs.ListDevices, new ListDevices(type, vendor, hostname, filters.Options)).ConfigureAwait(false);
            return (found.Revision, Reply.List("devices", found.Devices, (writer, device) => DeviceJson.Write(writer, device, call)));
        }).ConfigureAwait(false);
    }
}
