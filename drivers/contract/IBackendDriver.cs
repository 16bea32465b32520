using Cyborg.Model;

namespace Cyborg.Drivers;

/// <summary>A driver that gets its accelerators from several backends, or knows what services they offer. A driver without this interface is one
/// backend of its own name, see <see cref="DriverServices"/>.</summary>
public interface IBackendDriver : IAcceleratorDriver
{
    /// <summary>The backends in use; fixed when the driver is made.</summary>
    IReadOnlyList<DriverBackend> Backends { get; }

    /// <summary>Name of the backend that a device is or was of; null if the driver does not know it.</summary>
    string? BackendOf(DriverControlPath device);

    /// <summary>Asks every backend what it offers now: one entry for each, in the order of <see cref="Backends"/>. A backend that cannot tell is an entry
    /// with a fault and does not keep the others from telling.</summary>
    Task<IReadOnlyList<BackendServices>> DiscoverServicesAsync(CancellationToken cancellationToken);
}

/// <summary>A source of accelerators with a name of its own, as Cinder has backends of storage.</summary>
/// <param name="Name">Name, unique within its driver: 1 to 64 letters, digits, <c>.</c>, <c>_</c> and <c>-</c>.</param>
/// <param name="Kind">How the driver reaches it, e.g. <c>pci</c>.</param>
public sealed record DriverBackend(string Name, string Kind);

/// <summary>Whether a service can be used.</summary>
public enum DriverServiceState
{
    /// <summary>The backend has at least one usable accelerator for it.</summary>
    Up,
    /// <summary>The backend is known to offer it, but no accelerator can be used now.</summary>
    Down,
}

/// <summary>A function that a backend offers.</summary>
/// <param name="Function">What it does for its user, in lower case, e.g. <c>ipsec</c>, <c>gpu</c>.</param>
/// <param name="State">Whether it can be used.</param>
/// <param name="Accelerators">How many accelerators offer it, handed out or not.</param>
public sealed record DriverService(string Function, DriverServiceState State, int Accelerators);

/// <summary>What one backend offers.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Fault">Why it could not tell, in one sentence; null if it could.</param>
/// <param name="Services">What it offers, sorted by function; empty with a fault.</param>
public sealed record BackendServices(DriverBackend Backend, string? Fault, IReadOnlyList<DriverService> Services);
