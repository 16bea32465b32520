using Cyborg.Agent.Leases;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Placement;

namespace Cyborg.Agent.Providers;

/// <summary>One sync: asks the conductor what Placement is to show, has it shown, and tells the conductor what it has to know of that.</summary>
internal sealed class ProviderTurn
{
    private static readonly TimeSpan CallTime = TimeSpan.FromSeconds(30);

    private readonly AgentSetting _setting;
    private readonly HostParts _parts;
    private readonly ProviderMemory _memory;
    private readonly ProviderSync _sync;

    public ProviderTurn(AgentSetting setting, HostParts parts, ProviderMemory memory, PlacementClient client)
    {
        (_setting, _parts, _memory) = (setting, parts, memory);
        _sync = new ProviderSync(
            client, new SyncSource(setting.Options.Providers.HostProvider, ReadWantsAsync, MayGrow, () => memory.Ledger, memory.Keep));
    }

    /// <summary>Syncs. For a new epoch everything is written, changed or not: the last write of the fence that began it may still be on its way.</summary>
    public async Task<SyncResult> RunAsync(CancellationToken stop)
    {
        var result = await _sync.RunAsync(wants => wants.Epoch != _memory.Epoch, stop).ConfigureAwait(false);
        if (result.Gone.Count + result.Adopted.Count > 0)
        {
            var report = new ReportProviders(
                _setting.Journal.Identity, result.Gone, [.. result.Adopted.Select(one => new AdoptedProvider(one.Deployable, one.Provider))]);
            await _setting.Bus.CallAsync(Verbs.ReportProviders, report, Context(), _setting.Options.Host, stop).ConfigureAwait(false);
        }
        if (!result.HeldBack && !result.Contested && !result.Wants.Fenced)
            _memory.Keep(result.Wants.Epoch);
        return result;
    }

    /// <summary>True if others have changed what the last sync has left.</summary>
    public Task<bool> HasDriftedAsync(CancellationToken stop) => _sync.HasDriftedAsync(stop);

    /// <summary>Only the agent that holds the host's name, for an epoch that it has reported for, and only while that is the present one.</summary>
    private bool MayGrow(HostWants wants) =>
        _parts.Lease.Confirmed && !wants.Fenced && wants.Epoch == _parts.Epochs.Told && wants.Epoch == _parts.Epochs.Synced;

    private async Task<HostWants> ReadWantsAsync(CancellationToken stop)
    {
        var told = await _setting.Bus.CallAsync(
            Verbs.GetProviders, new GetProviders(_setting.Journal.Identity), Context(), _setting.Options.Host, stop).ConfigureAwait(false);
        return new HostWants(told.Version, told.Epoch, told.Fenced, [.. told.Providers.Select(Deployable)]);
    }

    private static WantedDeployable Deployable(WantedProvider wanted) => new(
        wanted.DeployableUuid, wanted.ProviderUuid, wanted.Name, wanted.State, wanted.Missing, wanted.NumAccelerators, wanted.Withheld,
        wanted.Attributes, wanted.FunctionTrait);

    private static CallContext Context() => new() { RequestId = $"req-{Guid.NewGuid()}", TimeLeft = CallTime };
}
