using Cyborg.Messaging.Contracts;
using Cyborg.Storage;

namespace Cyborg.Conductor.Devices;

/// <summary>How a list's options become an order. Upstream sorts a list with any filter newest first, one without oldest first.</summary>
internal static class Ordering
{
    public static ListOrder From(ListOptions? options, bool filtered) =>
        new(filtered || options is not null, options?.Limit, options?.SortKey, options?.Descending ?? false);
}
