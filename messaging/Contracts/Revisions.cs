namespace Cyborg.Messaging.Contracts;

/// <summary>What lists are made of; each kind has a number that rises with every change of it.</summary>
public enum ListKind
{
    /// <summary>Devices, deployables and attributes.</summary>
    Inventory,
    /// <summary>Device profiles.</summary>
    Profiles,
}

/// <summary>Asks for the number of a kind: who keeps a list of that number has the list as it is.</summary>
/// <param name="Kind">The kind.</param>
public sealed record ReadRevision(ListKind Kind);

/// <summary>The number of a kind when it was asked for. Numbers only rise, except where the database was put back to an older state.</summary>
/// <param name="Number">The number.</param>
public sealed record Revision(long Number);
