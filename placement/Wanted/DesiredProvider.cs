using System.Collections.Immutable;

namespace Cyborg.Placement;

/// <summary>A provider that Placement is to show.</summary>
/// <param name="Deployable">Whose it is.</param>
/// <param name="Uuid">Its uuid, if no other one has its name already.</param>
/// <param name="Name">Its name.</param>
/// <param name="ResourceClass">The one class that is ours.</param>
/// <param name="Inventory">How much of it.</param>
/// <param name="Traits">The traits that are ours.</param>
internal sealed record DesiredProvider(
    Guid Deployable, Guid Uuid, string Name, string ResourceClass, InventoryRecord Inventory, ImmutableSortedSet<string> Traits);

/// <summary>A provider that is to go.</summary>
/// <param name="Deployable">Whose it is.</param>
/// <param name="Uuid">Its uuid, if no other one has its name.</param>
/// <param name="Name">Its name.</param>
/// <param name="ResourceClass">The class that it may show; null if not known.</param>
/// <param name="Missing">True if the deployable's rows wait for the provider to be gone.</param>
internal sealed record LeavingProvider(Guid Deployable, Guid Uuid, string Name, string? ResourceClass, bool Missing);
