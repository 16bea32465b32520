using Cyborg.Model;

namespace Cyborg.Drivers;

/// <summary>What one discovery found.</summary>
/// <param name="Devices">In a stable order.</param>
/// <param name="Problems">What was left out, and why.</param>
public sealed record DriverFindings(IReadOnlyList<DriverDevice> Devices, IReadOnlyList<DiscoveryProblem> Problems)
{
    /// <summary>Nothing.</summary>
    public static DriverFindings None { get; } = new([], []);
}

/// <summary>Something of the host that a discovery left out.</summary>
/// <param name="Where">The device, as an operator names it, e.g. a PCI address.</param>
/// <param name="What">What is wrong, in one sentence.</param>
public sealed record DiscoveryProblem(string Where, string What)
{
    /// <summary>Both, for a log.</summary>
    public override string ToString() => $"{Where}: {What}";
}
