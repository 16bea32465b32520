using Cyborg.Model;

namespace Cyborg.Conductor.Inventory;

/// <summary>A device as the database knows it, with what hangs on it; the input of <see cref="InventoryDiff"/>.</summary>
internal sealed record KnownDevice(int Id, string Driver, DriverDevice Facts, int ControlPathId, bool Missing, IReadOnlyList<KnownDeployable> Deployables);

/// <summary>A deployable as the database knows it.</summary>
internal sealed record KnownDeployable(
    int Id, string Name, int NumAccelerators, string? DriverName, IReadOnlyList<KnownAttribute> Attributes, IReadOnlyList<KnownHandle> Handles)
{
    /// <summary>True if it was not found the last time.</summary>
    public bool Missing { get; init; }
}

/// <summary>An attribute that a driver reported earlier; an operator's are none of a report's business.</summary>
internal sealed record KnownAttribute(int Id, string Key, string Value);

/// <summary>An attach handle as the database knows it.</summary>
internal sealed record KnownHandle(int Id, string Info, bool HostWork, bool Missing);
