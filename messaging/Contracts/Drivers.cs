namespace Cyborg.Messaging.Contracts;

/// <summary>A driver that an agent runs.</summary>
/// <param name="Id">Its entry name.</param>
/// <param name="Version">Version of its package; null for one that is built into the agent.</param>
/// <param name="Error">Why it cannot be used: its package does not load; null if it can.</param>
public sealed record ReportedDriver(string Id, string? Version, string? Error);

/// <summary>Something that a backend offers; or a backend that could not tell.</summary>
/// <param name="Driver">Entry name of the driver.</param>
/// <param name="Backend">The backend's name.</param>
/// <param name="Function">What it does for its user, e.g. <c>ipsec</c>; null with a fault.</param>
/// <param name="Up">True if it can be used.</param>
/// <param name="Accelerators">How many accelerators offer it.</param>
/// <param name="Fault">Why the backend could not tell; null if it could.</param>
public sealed record ReportedService(string Driver, string Backend, string? Function, bool Up, int Accelerators, string? Fault);

/// <summary>What a host's agent tells of its drivers.</summary>
/// <param name="Drivers">The drivers, in the agent's order.</param>
/// <param name="Backends">Their backends; the first one that creates accelerators is the host's default.</param>
/// <param name="Services">What those offer.</param>
public sealed record HostDrivers(IReadOnlyList<ReportedDriver> Drivers, IReadOnlyList<ReportedBackend> Backends, IReadOnlyList<ReportedService> Services);

/// <summary>A conductor has an agent install a driver package, or put another version of it in its place. Its own repetition, by <paramref name="Order"/>.</summary>
/// <param name="Id">The package.</param>
/// <param name="Version">Its version; null for the highest one that the host can install.</param>
/// <param name="Checksum">SHA-256 in hex that the package's archive must have; null for any.</param>
/// <param name="Order">The same whenever the call is sent again.</param>
public sealed record PutDriver(string Id, string? Version, string? Checksum, Guid Order);

/// <summary>A conductor has an agent take a driver package away; nothing of its devices is in use. Its own repetition.</summary>
/// <param name="Id">The package.</param>
/// <param name="Order">The same whenever the call is sent again.</param>
public sealed record RemoveDriver(string Id, Guid Order);

/// <summary>A conductor has an agent ask all its backends what they offer.</summary>
public sealed record AskServices;

/// <summary>Lists drivers, host by host.</summary>
/// <param name="Id">Entry name; null for all.</param>
/// <param name="Host">Host; null for all.</param>
public sealed record ListDrivers(string? Id, string? Host);

/// <summary>A driver on a host.</summary>
/// <param name="Id">Its entry name.</param>
/// <param name="Host">The host.</param>
/// <param name="Version">Version of its package; null for one that is built in.</param>
/// <param name="Live">True while the host's agent is heard.</param>
/// <param name="Error">Why it cannot be used; null if it can.</param>
/// <param name="Backends">Its backends.</param>
public sealed record HostDriver(string Id, string Host, string? Version, bool Live, string? Error, IReadOnlyList<ReportedBackend> Backends);

/// <summary>Drivers.</summary>
/// <param name="Drivers">By host, then in the agent's order.</param>
public sealed record DriverList(IReadOnlyList<HostDriver> Drivers);

/// <summary>Installs a driver on a host, or puts another version in its place.</summary>
/// <param name="Id">The driver.</param>
/// <param name="Host">The host; null for the only one that comes into question.</param>
/// <param name="Version">The version; null for the highest one.</param>
/// <param name="Checksum">SHA-256 in hex that the package's archive must have; null for any.</param>
public sealed record ChangeDriver(string Id, string? Host, string? Version, string? Checksum);

/// <summary>Takes a driver from a host.</summary>
/// <param name="Id">The driver.</param>
/// <param name="Host">The host; null for the only one that has it.</param>
public sealed record UninstallDriver(string Id, string? Host);

/// <summary>Lists services, or has them discovered.</summary>
/// <param name="Host">Host; null for all.</param>
public sealed record ListServices(string? Host);

/// <summary>What a backend of a host offers.</summary>
/// <param name="Host">The host.</param>
/// <param name="Live">True while the host's agent is heard.</param>
/// <param name="Service">The service.</param>
public sealed record HostService(string Host, bool Live, ReportedService Service);

/// <summary>A host whose agent could not be asked.</summary>
/// <param name="Host">The host.</param>
/// <param name="Reason">Why.</param>
public sealed record SilentHost(string Host, string Reason);

/// <summary>Services.</summary>
/// <param name="Services">By host, driver, backend and function.</param>
/// <param name="Silent">Hosts that were asked and did not answer: their services are those of before.</param>
public sealed record ServiceList(IReadOnlyList<HostService> Services, IReadOnlyList<SilentHost> Silent);
