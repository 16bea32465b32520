using Cyborg.Model;

namespace Cyborg.Messaging.Contracts;

/// <summary>An agent asks what of its host Placement is to show.</summary>
/// <param name="Agent">Who speaks; decided as for a heartbeat.</param>
public sealed record GetProviders(AgentIdentity Agent);

/// <summary>What Placement is to show of a host: one entry for each deployable, also for one of a missing device.</summary>
/// <param name="Version">Number of these wants; a higher one in a <see cref="HeartbeatReply"/> means that they have changed since.</param>
/// <param name="Epoch">The host's present epoch. What an agent wrote for another one may have been overwritten by a fence.</param>
/// <param name="Fenced">True while the host's present epoch has no report: then nothing may be offered.</param>
/// <param name="Providers">In the order of their keys.</param>
public sealed record HostProviders(long Version, long Epoch, bool Fenced, IReadOnlyList<WantedProvider> Providers);

/// <summary>One deployable, as far as its resource provider depends on it.</summary>
/// <param name="DeployableUuid">The deployable.</param>
/// <param name="ProviderUuid">Its provider; a stored one wins over a computed one.</param>
/// <param name="Name">Name of both.</param>
/// <param name="State">Its device's. Only <see cref="DeviceState.Ready"/> is offered.</param>
/// <param name="Missing">True if its device, or it alone, is not found any more: nothing is offered, and the provider goes as soon as nothing is allocated
/// on it.</param>
/// <param name="NumAccelerators">How many accelerators it has; the inventory's total.</param>
/// <param name="Withheld">So many of them are not to be handed out although no server holds them: the host has still to undo its work, or could not.</param>
/// <param name="Attributes">Its facts, those that operators made included.</param>
/// <param name="FunctionTrait">Trait of the function that an FPGA was programmed with; null if none.</param>
public sealed record WantedProvider(
    Guid DeployableUuid, Guid ProviderUuid, string Name, DeviceState State, bool Missing, int NumAccelerators, int Withheld,
    IReadOnlyList<DriverAttribute> Attributes, string? FunctionTrait);

/// <summary>An agent tells what it found in Placement that the database is to know.</summary>
/// <param name="Agent">Who speaks; decided as for a heartbeat.</param>
/// <param name="Gone">Deployables that are missing and whose providers are gone: their rows may go.</param>
/// <param name="Adopted">Deployables whose providers are there under another uuid, which wins.</param>
public sealed record ReportProviders(AgentIdentity Agent, IReadOnlyList<Guid> Gone, IReadOnlyList<AdoptedProvider> Adopted);

/// <summary>A provider that was in Placement before its deployable was in the database.</summary>
/// <param name="DeployableUuid">The deployable.</param>
/// <param name="ProviderUuid">Its provider's uuid there.</param>
public sealed record AdoptedProvider(Guid DeployableUuid, Guid ProviderUuid);

/// <summary>A conductor has an agent bring Placement up to date now.</summary>
/// <param name="Version">At least to this version of the host's wants.</param>
public sealed record SyncProviders(long Version);

/// <summary>How that went.</summary>
/// <param name="Error">Null if Placement shows what is wanted, else why not.</param>
public sealed record SyncProvidersResult(string? Error);
