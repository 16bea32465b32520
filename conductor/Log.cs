using Microsoft.Extensions.Logging;

namespace Cyborg.Conductor;

/// <summary>What the conductor logs; event ids are never reused.</summary>
internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Information, "The conductor serves calls, its database is {Database}")]
    public static partial void Started(ILogger log, string database);

    [LoggerMessage(2002, LogLevel.Warning, "Host {Host} reported a device that is left out: {Problem}")]
    public static partial void DeviceRefused(ILogger log, string host, string problem);

    [LoggerMessage(2003, LogLevel.Warning, "Device {Device} on {Host} could not be installed: {Reason}")]
    public static partial void InstallFailed(ILogger log, Guid device, string host, string reason);

    [LoggerMessage(2004, LogLevel.Information, "Device {Device} is enabled, and {Host} installs it when its agent asks next: {Reason}")]
    public static partial void InstallLater(ILogger log, Guid device, string host, string reason);

    [LoggerMessage(2005, LogLevel.Error, "Sweeping stored replies failed; it is tried again in a minute")]
    public static partial void SweepFailed(ILogger log, Exception error);

    [LoggerMessage(2010, LogLevel.Warning, "Host {Host} is fenced: its agent was last heard at {SeenAt}; its epoch is now {Epoch}, and only its agent ends the fence")]
    public static partial void HostFenced(ILogger log, string host, long epoch, DateTimeOffset? seenAt);

    [LoggerMessage(2011, LogLevel.Error, "Writing agents' signs of life broke; the agents try again")]
    public static partial void HeartbeatsFailed(ILogger log, Exception error);

    [LoggerMessage(2012, LogLevel.Error, "The database can not be reached; this conductor fences no host until it could be for a whole lease")]
    public static partial void DatabaseAway(ILogger log, Exception error);

    [LoggerMessage(2013, LogLevel.Warning, "The conductor has stopped listening, since it can not reach its database")]
    public static partial void Paused(ILogger log);

    [LoggerMessage(2014, LogLevel.Information, "The conductor listens again: its database is back")]
    public static partial void Resumed(ILogger log);

    [LoggerMessage(2015, LogLevel.Error, "Acting on hosts' leases failed; it is tried again at the next look")]
    public static partial void WatchFailed(ILogger log, Exception error);

    [LoggerMessage(2016, LogLevel.Information, "Placement shows that host {Host} is fenced: {Providers} providers are reserved for epoch {Epoch}")]
    public static partial void FenceShown(ILogger log, string host, long epoch, int providers);

    [LoggerMessage(2017, LogLevel.Warning, "Placement does not show yet that host {Host} is fenced (epoch {Epoch}); it is tried again: {Problem}")]
    public static partial void FenceLater(ILogger log, string host, long epoch, string problem);

    [LoggerMessage(2018, LogLevel.Error, "Looking for fences that Placement is to show failed; it is tried again")]
    public static partial void FencesFailed(ILogger log, Exception error);

    [LoggerMessage(2019, LogLevel.Warning, "Agents write to Placement, but this conductor has no [placement] section: it can not take a dead agent's devices off Placement, so servers are still sent there; write the section that the agents have")]
    public static partial void FencesNotShown(ILogger log);

    [LoggerMessage(2020, LogLevel.Information, "ARQ {Arq}: handle {Handle} is attached on {Host}")]
    public static partial void Attached(ILogger log, Guid arq, Guid handle, string host);

    [LoggerMessage(2021, LogLevel.Information, "ARQ {Arq}: handle {Handle} is released on {Host}")]
    public static partial void Released(ILogger log, Guid arq, Guid handle, string host);

    [LoggerMessage(2022, LogLevel.Warning, "ARQ {Arq}: handle {Handle} could not be attached on {Host}: {Reason}")]
    public static partial void AttachFailed(ILogger log, Guid arq, Guid handle, string host, string? reason);

    [LoggerMessage(2023, LogLevel.Error, "ARQ {Arq}: handle {Handle} could not be released on {Host} and is in error until an operator has looked: {Reason}")]
    public static partial void ReleaseGivenUp(ILogger log, Guid arq, Guid handle, string host, string? reason);

    [LoggerMessage(2024, LogLevel.Information, "ARQ {Arq}: the work on {Host} for handle {Handle} is tried again later: {Reason}")]
    public static partial void JobPostponed(ILogger log, Guid arq, Guid handle, string host, string? reason);

    [LoggerMessage(2025, LogLevel.Debug, "ARQ {Arq}: handle {Handle} has moved on while its host worked")]
    public static partial void JobMovedOn(ILogger log, Guid arq, Guid handle);

    [LoggerMessage(2026, LogLevel.Error, "ARQ {Arq}: the work for handle {Handle} broke; it is done again when its claim has run out")]
    public static partial void JobBroke(ILogger log, Guid arq, Guid handle, Exception error);

    [LoggerMessage(2027, LogLevel.Error, "Looking for work on hosts failed; it is tried again every second")]
    public static partial void JobsFailed(ILogger log, Exception error);

    [LoggerMessage(2028, LogLevel.Warning, "ARQ {Arq}: its bind is now shown as failed")]
    public static partial void BindFailureShown(ILogger log, Guid arq);

    [LoggerMessage(2030, LogLevel.Information, "ARQ {Arq}: Nova was told that the bind for instance {Instance} {Status}")]
    public static partial void EventSent(ILogger log, Guid arq, Guid instance, string status);

    [LoggerMessage(2031, LogLevel.Warning, "ARQ {Arq}: Nova is told again that the bind for instance {Instance} {Status}: {Problem}")]
    public static partial void EventDelayed(ILogger log, Guid arq, Guid instance, string status, string problem);

    [LoggerMessage(2032, LogLevel.Error, "ARQ {Arq}: Nova refuses to hear that the bind for instance {Instance} {Status}")]
    public static partial void EventRefused(ILogger log, Guid arq, Guid instance, string status);

    [LoggerMessage(2033, LogLevel.Error, "Looking for messages to Nova failed; it is tried again every second")]
    public static partial void RelayFailed(ILogger log, Exception error);

    [LoggerMessage(2042, LogLevel.Information, "Server {Server} {Fate}: if Nova says so again its accelerator requests are given back")]
    public static partial void OrphanSuspected(ILogger log, Guid server, string fate);

    [LoggerMessage(2043, LogLevel.Warning, "Server {Server} {Fate}: its accelerator requests are given back: {Arqs}")]
    public static partial void OrphanGivenBack(ILogger log, Guid server, string fate, string arqs);

    [LoggerMessage(2044, LogLevel.Warning, "Nova does not say what became of servers, whose accelerator requests stay; it is asked again: {Problem}")]
    public static partial void ServersNotShown(ILogger log, string problem);

    [LoggerMessage(2045, LogLevel.Warning, "Nova knows server {Server}, but does not show it: give the user of [nova] a role that sees the servers of all projects, or set orphan_check_interval = 0")]
    public static partial void ServerHidden(ILogger log, Guid server);

    [LoggerMessage(2046, LogLevel.Error, "Looking for accelerator requests whose server is gone failed; it is tried again")]
    public static partial void OrphansFailed(ILogger log, Exception error);

    [LoggerMessage(2034, LogLevel.Information, "Device {Device}: {Host} brings Placement up to date later: {Problem}")]
    public static partial void SyncLater(ILogger log, Guid device, string host, string problem);

    [LoggerMessage(2035, LogLevel.Information, "Host {Host}: deployable {Deployable} has provider {Provider}, which Placement had under its name")]
    public static partial void ProviderAdopted(ILogger log, string host, Guid deployable, Guid provider);

    [LoggerMessage(2036, LogLevel.Warning, "Host {Host}: deployable {Deployable} can not have provider {Provider}, which is another deployable's")]
    public static partial void ProviderTaken(ILogger log, string host, Guid deployable, Guid provider);

    [LoggerMessage(2037, LogLevel.Information, "Host {Host}: {Count} missing deployables are gone from Placement, and from the database")]
    public static partial void MissingRemoved(ILogger log, string host, int count);

    [LoggerMessage(2040, LogLevel.Warning, "ARQ {Arq}: mended: {Finding}")]
    public static partial void Mended(ILogger log, Guid arq, string finding);

    [LoggerMessage(2041, LogLevel.Error, "Looking for drift failed; it is tried again in a minute")]
    public static partial void ReconcileFailed(ILogger log, Exception error);

    [LoggerMessage(2050, LogLevel.Information, "Deployable {Deployable} on {Host} runs image {Image} now, as {Wish} was asked for")]
    public static partial void Programmed(ILogger log, string deployable, string host, Guid image, Model.ImageWish wish);

    [LoggerMessage(2051, LogLevel.Warning, "Deployable {Deployable} on {Host} could not be programmed ({Code}): {Reason}")]
    public static partial void ProgramFailed(ILogger log, string deployable, string host, Model.FaultCode code, string reason);

    [LoggerMessage(2052, LogLevel.Information, "Deployable {Deployable} on {Host} is not programmed yet ({Code}): {Reason}")]
    public static partial void ProgramLater(ILogger log, string deployable, string host, Model.FaultCode code, string reason);

    [LoggerMessage(2060, LogLevel.Information, "Accelerator {Accelerator}: its backend on {Host} has done '{Kind}'")]
    public static partial void BackendDone(ILogger log, string kind, Guid accelerator, string host);

    [LoggerMessage(2061, LogLevel.Warning, "Accelerator {Accelerator}: its backend on {Host} refused '{Kind}': {Reason}")]
    public static partial void BackendRefused(ILogger log, string kind, Guid accelerator, string host, string reason);

    [LoggerMessage(2062, LogLevel.Information, "Accelerator {Accelerator}: '{Kind}' is tried again on {Host}: {Problem}")]
    public static partial void BackendLater(ILogger log, string kind, Guid accelerator, string host, string problem);

    [LoggerMessage(2063, LogLevel.Error, "Accelerator {Accelerator}: '{Kind}' broke; it is done again when its claim has run out")]
    public static partial void BackendJobBroke(ILogger log, string kind, Guid accelerator, Exception error);

    [LoggerMessage(2064, LogLevel.Error, "Looking for work of backends failed; it is tried again every second")]
    public static partial void BackendJobsFailed(ILogger log, Exception error);

    [LoggerMessage(2065, LogLevel.Warning, "Device {Device} on {Host} is ill: {Reason}")]
    public static partial void DeviceIll(ILogger log, Guid device, string host, string reason);

    [LoggerMessage(2066, LogLevel.Information, "Device {Device} on {Host} is well again")]
    public static partial void DeviceWell(ILogger log, Guid device, string host);

    [LoggerMessage(2067, LogLevel.Warning, "{Count} notifications are sent again: {Problem}")]
    public static partial void NotificationsLater(ILogger log, int count, string problem);

    [LoggerMessage(2068, LogLevel.Error, "Looking for notifications failed; it is tried again every second")]
    public static partial void NotificationsFailed(ILogger log, Exception error);

    [LoggerMessage(2070, LogLevel.Information, "Attachment {Attachment}: accelerator {Accelerator} is attached to {Kind} {Target}")]
    public static partial void AttachmentMade(ILogger log, Guid attachment, Guid accelerator, Model.AttachTarget kind, string target);

    [LoggerMessage(2071, LogLevel.Information, "Attachment {Attachment}: accelerator {Accelerator} is attached to {Kind} {Target} no more")]
    public static partial void AttachmentGone(ILogger log, Guid attachment, Guid accelerator, Model.AttachTarget kind, string target);

    [LoggerMessage(2072, LogLevel.Warning, "Attachment {Attachment}: '{Step}' of accelerator {Accelerator} was refused: {Reason}")]
    public static partial void AttachmentRefused(ILogger log, Guid attachment, Guid accelerator, Storage.Rows.AttachmentStep step, string? reason);

    [LoggerMessage(2073, LogLevel.Information, "Attachment {Attachment}: '{Step}' is tried again: {Problem}")]
    public static partial void AttachmentLater(ILogger log, Guid attachment, Storage.Rows.AttachmentStep step, string problem);

    [LoggerMessage(2074, LogLevel.Error, "Attachment {Attachment}: accelerator {Accelerator} is not given back; an operator must look: {Reason}")]
    public static partial void AttachmentStuck(ILogger log, Guid attachment, Guid accelerator, string? reason);

    [LoggerMessage(2075, LogLevel.Error, "Attachment {Attachment}: a step broke; it is done again when its claim has run out")]
    public static partial void AttachmentJobBroke(ILogger log, Guid attachment, Exception error);

    [LoggerMessage(2076, LogLevel.Error, "Looking for attachments failed; it is tried again every second")]
    public static partial void AttachmentJobsFailed(ILogger log, Exception error);

    [LoggerMessage(2095, LogLevel.Warning, "What came on {Subject} is no usage of a host's devices; it is passed over, and so are more like it")]
    public static partial void UsageMalformed(ILogger log, string subject);

    [LoggerMessage(2120, LogLevel.Warning, "Outbox and leases cannot be measured; it is tried again: {Problem}")]
    public static partial void NotMeasured(ILogger log, string problem);

    [LoggerMessage(2096, LogLevel.Warning, "There is no room for the usage of {Refused} devices of host {Host}, beside {Count} others; it stays unknown")]
    public static partial void UsageCrowded(ILogger log, int refused, string host, int count);

    [LoggerMessage(2090, LogLevel.Information, "Host {Host}: driver {Driver} {Version} is installed")]
    public static partial void DriverPut(ILogger log, string driver, string? version, string host);

    [LoggerMessage(2091, LogLevel.Information, "Host {Host}: driver {Driver} {Version} is uninstalled")]
    public static partial void DriverRemoved(ILogger log, string driver, string? version, string host);

    [LoggerMessage(2053, LogLevel.Warning, "Deployable {Deployable}: a programming was interrupted and nobody took it up again; it is not known what the deployable runs")]
    public static partial void ProgramForgotten(ILogger log, string deployable);

    [LoggerMessage(2110, LogLevel.Information, "{Count} accelerator requests without an owner got the project of their instance")]
    public static partial void OwnersHealed(ILogger log, int count);

    [LoggerMessage(2111, LogLevel.Warning, "{Count} accelerator requests have no owner: {Reason}; cyborg-dbsync online_data_migrations tries again")]
    public static partial void OwnersNotHealed(ILogger log, int count, string reason);

    [LoggerMessage(2112, LogLevel.Warning, "Looking for accelerator requests without an owner failed; the next start, or cyborg-dbsync online_data_migrations, does it")]
    public static partial void OwnersNotLookedAt(ILogger log, Exception error);

    [LoggerMessage(2130, LogLevel.Warning, "Calls could not be done together; they are done one by one")]
    public static partial void GroupFailed(ILogger log, Exception error);
}
