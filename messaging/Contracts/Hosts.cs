using System.Security.Cryptography;
using System.Text.Json;
using Cyborg.Model;

namespace Cyborg.Messaging.Contracts;

/// <summary>Which agent speaks for a host. One host name is held by one live agent: the same agent's later start takes it over at once, another
/// agent only when the lease has run out.</summary>
/// <param name="AgentId">Drawn once, kept in the agent's journal.</param>
/// <param name="BootId">Drawn at each start.</param>
/// <param name="BootNumber">Rises with each start, kept in the journal.</param>
public sealed record AgentIdentity(Guid AgentId, Guid BootId, long BootNumber);

/// <summary>An agent lives, and its inventory is as last reported. Costs the conductor a share of one combined write.</summary>
/// <param name="Agent">Who speaks.</param>
/// <param name="Checksum">Of the inventory now, see <see cref="InventoryChecksum"/>; null if it was never looked at.</param>
/// <param name="SyncedEpoch">Epoch for which the agent last reported in full.</param>
public sealed record Heartbeat(AgentIdentity Agent, string? Checksum, long SyncedEpoch);

/// <summary>What the conductor answers a heartbeat once its write is committed: the lease is confirmed.</summary>
/// <param name="Epoch">The host's present epoch.</param>
/// <param name="ReportWanted">True if the inventory is to be reported in full: the checksum differs, the epoch does, or the host is unknown.</param>
/// <param name="Install">Devices that wait to be installed.</param>
public sealed record HeartbeatReply(long Epoch, bool ReportWanted, IReadOnlyList<InstallDevice> Install)
{
    /// <summary>Version of what Placement is to show of the host, see <see cref="HostProviders"/>.</summary>
    public long Providers { get; init; }
}

/// <summary>Work on the host for one attach handle. Stale ones are refused with <see cref="FaultCode.StaleCommand"/>.</summary>
/// <param name="HandleUuid">The handle.</param>
/// <param name="ArqUuid">The ARQ that holds it, or held it.</param>
/// <param name="Generation">The handle's; the agent does nothing older than what it has seen.</param>
/// <param name="BootId">The agent's start that the conductor knows of.</param>
/// <param name="Driver">Entry name of the driver.</param>
/// <param name="DeployableName">Name of the deployable on the host.</param>
/// <param name="ControlPath">How the host reaches the device.</param>
/// <param name="Handle">What to attach or detach.</param>
public sealed record HandleWork(
    Guid HandleUuid, Guid ArqUuid, long Generation, Guid BootId, string Driver, string DeployableName, DriverControlPath ControlPath, DriverAttachHandle Handle);

/// <summary>How work on the host went.</summary>
/// <param name="Error">Null if it worked, else the reason.</param>
/// <param name="NotSupported">True if the driver cannot do such a thing at all.</param>
public sealed record HandleWorkResult(string? Error, bool NotSupported = false);

/// <summary>A conductor has an agent program a deployable, whose logic is the conductor's to guard: nothing of it is attached to a guest. Stale commands are
/// refused with <see cref="FaultCode.StaleCommand"/>; the same one joins that which is under way, and is answered with its outcome afterwards.</summary>
/// <param name="DeployableUuid">The deployable.</param>
/// <param name="Generation">Rises with each programming of the deployable; the agent does nothing older than what it has seen.</param>
/// <param name="BootId">The agent's start that the conductor knows of.</param>
/// <param name="Driver">Entry name of the driver.</param>
/// <param name="DeployableName">Its name on the host.</param>
/// <param name="ControlPath">How the host reaches its device.</param>
/// <param name="Wish">The image, or its function.</param>
public sealed record ProgramDevice(
    Guid DeployableUuid, long Generation, Guid BootId, string Driver, string DeployableName, DriverControlPath ControlPath, ImageWish Wish);

/// <summary>What a deployable runs after it was programmed. Failures are faults: after <see cref="FaultCode.DriverFailed"/> nobody knows what it runs; after
/// <see cref="FaultCode.ImageNotFound"/>, <see cref="FaultCode.ImageUnusable"/>, <see cref="FaultCode.NotSupportedByDriver"/> or
/// <see cref="FaultCode.DeviceNotFound"/> what it ran before; after any other the same command may be sent again.</summary>
/// <param name="Image">The image.</param>
/// <param name="Function">Its function; null if it does not tell one.</param>
public sealed record ProgramResult(Guid Image, string? Function);

/// <summary>What tells an inventory from another without sending it.</summary>
public static class InventoryChecksum
{
    /// <summary>SHA-256, lower-case hex, of the discoveries as they cross the bus.</summary>
    public static string Of(IReadOnlyList<DriverDiscovery> found) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(found, WireJson.Default.IReadOnlyListDriverDiscovery)));
}
