using Cyborg.Agent.Discovery;
using Cyborg.Agent.Providers;

namespace Cyborg.Agent.Leases;

/// <summary>What heartbeats and reports share.</summary>
/// <param name="Lease">The hold on the host's name.</param>
/// <param name="Epochs">The host's epochs.</param>
/// <param name="Inventory">What the host has.</param>
/// <param name="Providers">What conductors tell of the host's providers.</param>
internal sealed record HostParts(HostLease Lease, HostEpochs Epochs, HostInventory Inventory, ProviderNews Providers);
