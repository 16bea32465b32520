namespace Cyborg.Attach;

/// <summary>To what a PCI function is bound.</summary>
/// <param name="Driver">Kernel driver in use; null if none.</param>
/// <param name="Override">The one driver that the kernel may bind it to (<c>driver_override</c>); null if it may choose.</param>
public sealed record PciBinding(string? Driver, string? Override);

/// <summary>How an operation left a function.</summary>
/// <param name="Binding">To what it is bound now; null if there is no such function any more.</param>
/// <param name="Changed">False if there was nothing to do.</param>
public sealed record PciBindResult(PciBinding? Binding, bool Changed);
