using Cyborg.Storage;

namespace Cyborg.Conductor.Nova;

/// <summary>Looks at Nova's servers.</summary>
internal sealed class NovaServers(NovaEndpoint nova)
{
    private readonly NovaClient _events = new(nova);

    /// <summary>What became of a server. Does not throw for anything that Nova or the network does.</summary>
    public async Task<ServerLook> LookAsync(Guid server, CancellationToken stop) => ServerLook.Of(await nova.GetAsync($"/servers/{server}", stop), server);

    /// <summary>Asks at another door whether a server is gone: true, false, or null if Nova does not say.</summary>
    /// <remarks>Nova hides servers of other projects from who is no administrator, with the 404 of those that are gone (nova: db/main/api.py,
    /// project_only); events it takes from services for any server. One with a tag that no server waits for is passed over by Nova (with a line in its log).</remarks>
    public async Task<bool?> IsGoneAsync(Guid server, CancellationToken stop)
    {
        var reply = await _events.SendAsync([new NovaEvent(0, server, ArqUuid: server, NovaEventStore.Completed, 0, Void: false)], stop);
        return reply.Codes.TryGetValue(server, out var code) && reply.Status is 200 or 207
            ? code switch { 404 => true, 200 or 422 => false, _ => null }
            : null;
    }
}
