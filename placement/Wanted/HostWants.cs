using Cyborg.Model;

namespace Cyborg.Placement;

/// <summary>What Placement is to show of a host, as the database says.</summary>
/// <param name="Version">Number of these wants.</param>
/// <param name="Epoch">The host's epoch in which they were read.</param>
/// <param name="Fenced">True while nothing of the host may be offered.</param>
/// <param name="Deployables">One entry for each deployable, also for a missing one.</param>
public sealed record HostWants(long Version, long Epoch, bool Fenced, IReadOnlyList<WantedDeployable> Deployables);

/// <summary>One deployable, as far as its resource provider depends on it.</summary>
/// <param name="Deployable">Its uuid.</param>
/// <param name="Provider">Its provider's uuid.</param>
/// <param name="Name">Name of both.</param>
/// <param name="State">Its device's; only <see cref="DeviceState.Ready"/> is offered.</param>
/// <param name="Missing">True if it is not found any more: its provider is to go.</param>
/// <param name="NumAccelerators">The inventory's total.</param>
/// <param name="Withheld">So many are not to be handed out although no server holds them.</param>
/// <param name="Attributes">Its facts: <c>rc</c> and <c>trait*</c> matter here.</param>
/// <param name="FunctionTrait">Trait of the function that it was programmed with; null if none.</param>
public sealed record WantedDeployable(
    Guid Deployable, Guid Provider, string Name, DeviceState State, bool Missing, int NumAccelerators, int Withheld,
    IReadOnlyList<DriverAttribute> Attributes, string? FunctionTrait);
