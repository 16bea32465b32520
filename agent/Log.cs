using Cyborg.Agent.Journal;
using Cyborg.Drivers;
using Cyborg.Model;
using Microsoft.Extensions.Logging;

namespace Cyborg.Agent;

/// <summary>Everything an agent logs; numbers 3000 to 3199.</summary>
internal static partial class Log
{
    [LoggerMessage(3000, LogLevel.Information, "Agent of host {Host} started with {Drivers}, boot {BootId}, start {BootNumber} of agent {AgentId}")]
    public static partial void Started(ILogger logger, string host, string drivers, Guid bootId, long bootNumber, Guid agentId);

    [LoggerMessage(3001, LogLevel.Information, "Agent of host {Host} stopped")]
    public static partial void Stopped(ILogger logger, string host);

    [LoggerMessage(3002, LogLevel.Warning, "{Driver} cannot tell which devices there are; none of its devices is added or removed: {Reason}")]
    public static partial void DiscoveryFailed(ILogger logger, string driver, string reason);

    [LoggerMessage(3003, LogLevel.Error, "{Driver} broke in its discovery; none of its devices is added or removed")]
    public static partial void DiscoveryBroke(ILogger logger, Exception exception, string driver);

    [LoggerMessage(3004, LogLevel.Information, "{Driver} finds its devices again")]
    public static partial void DiscoveryRecovered(ILogger logger, string driver);

    [LoggerMessage(3005, LogLevel.Warning, "{Driver}: a device is left out: {Problem}")]
    public static partial void ProblemAppeared(ILogger logger, string driver, DiscoveryProblem problem);

    [LoggerMessage(3006, LogLevel.Information, "{Driver}: no longer the case: {Problem}")]
    public static partial void ProblemGone(ILogger logger, string driver, DiscoveryProblem problem);

    [LoggerMessage(3010, LogLevel.Information, "The first report with {Devices} devices was accepted, request {RequestId}")]
    public static partial void FirstReport(ILogger logger, int devices, string requestId);

    [LoggerMessage(3011, LogLevel.Warning, "The report was not accepted ({Code}: {Reason}); it is repeated until it is, request {RequestId}")]
    public static partial void ReportRefused(ILogger logger, FaultCode code, string reason, string requestId);

    [LoggerMessage(3012, LogLevel.Error, "The report cycle broke; it is repeated")]
    public static partial void CycleBroke(ILogger logger, Exception exception);

    [LoggerMessage(3013, LogLevel.Information, "Reports are accepted again, request {RequestId}")]
    public static partial void ReportRecovered(ILogger logger, string requestId);

    [LoggerMessage(3020, LogLevel.Information, "Device {Device} was installed by {Driver}")]
    public static partial void Installed(ILogger logger, Guid device, string driver);

    [LoggerMessage(3021, LogLevel.Warning, "Device {Device} was not installed by {Driver}: {Reason}")]
    public static partial void InstallFailed(ILogger logger, Guid device, string driver, string? reason);

    [LoggerMessage(3022, LogLevel.Warning, "The install of device {Device} could not be reported ({Code}); the next cycle repeats it")]
    public static partial void InstallNotReported(ILogger logger, Guid device, FaultCode code);

    [LoggerMessage(3023, LogLevel.Error, "The install of device {Device} broke; the next cycle repeats it")]
    public static partial void InstallBroke(ILogger logger, Exception exception, Guid device);

    [LoggerMessage(3030, LogLevel.Information, "Deployable {Deployable} was programmed with image {Image} by {Driver}, request {RequestId}")]
    public static partial void Programmed(ILogger logger, Guid deployable, Guid image, string driver, string requestId);

    [LoggerMessage(3031, LogLevel.Warning, "Deployable {Deployable} was not programmed with {Wish} by {Driver}: {Reason}, request {RequestId}")]
    public static partial void ProgramFailed(ILogger logger, Guid deployable, ImageWish wish, string driver, string? reason, string requestId);

    [LoggerMessage(3032, LogLevel.Warning, "Deployable {Deployable}: a command of generation {Generation} came after {Known} and is refused, request {RequestId}")]
    public static partial void StaleProgram(ILogger logger, Guid deployable, long generation, long known, string requestId);

    [LoggerMessage(3033, LogLevel.Information, "Image {Image} was fetched and verified, {Bytes} bytes")]
    public static partial void ImageFetched(ILogger logger, Guid image, long bytes);

    [LoggerMessage(3034, LogLevel.Warning, "Image {Image} is fetched again: {Reason}")]
    public static partial void ImageFetchedAgain(ILogger logger, Guid image, string reason);

    [LoggerMessage(3035, LogLevel.Information, "{Count} images that a former start was using were deleted")]
    public static partial void ImagesCleared(ILogger logger, int count);

    [LoggerMessage(3036, LogLevel.Warning, "{Path} could not be deleted; the next start tries again")]
    public static partial void ImagesNotCleared(ILogger logger, Exception exception, string path);

    [LoggerMessage(3050, LogLevel.Warning, "No conductor answers the heartbeat ({Code}: {Reason}); it is repeated, request {RequestId}")]
    public static partial void HeartbeatLost(ILogger logger, FaultCode code, string reason, string requestId);

    [LoggerMessage(3051, LogLevel.Error, "The heartbeat broke; it is repeated")]
    public static partial void HeartbeatBroke(ILogger logger, Exception exception);

    [LoggerMessage(3052, LogLevel.Information, "The lease of host {Host} is confirmed again")]
    public static partial void HeartbeatRecovered(ILogger logger, string host);

    [LoggerMessage(3053, LogLevel.Error, "This agent may not speak for host {Host} and serves no commands until it may: {Reason}")]
    public static partial void NameHeldByAnother(ILogger logger, string host, string reason);

    [LoggerMessage(3054, LogLevel.Error, "The agent cannot listen for commands; the next heartbeat tries again")]
    public static partial void NotListening(ILogger logger, Exception exception);

    [LoggerMessage(3055, LogLevel.Warning, "Epoch {Epoch} could not be written to the journal; after a restart one report more is sent")]
    public static partial void EpochNotKept(ILogger logger, Exception exception, long epoch);

    [LoggerMessage(3060, LogLevel.Error, "{Path} is torn or was altered; it is kept as {Aside} and made anew")]
    public static partial void SetAside(ILogger logger, string path, string aside);

    [LoggerMessage(3061, LogLevel.Warning, "{Folder} has no journal; the agent stays {AgentId} and knows of no handles")]
    public static partial void JournalLost(ILogger logger, string folder, Guid agentId);

    [LoggerMessage(3062, LogLevel.Warning, "The inventory could not be written; it is tried again with the next look")]
    public static partial void InventoryNotKept(ILogger logger, Exception exception);

    [LoggerMessage(3063, LogLevel.Error, "The journal could not be written; no work is done without it")]
    public static partial void JournalNotWritten(ILogger logger, Exception exception);

    [LoggerMessage(
        3064, LogLevel.Warning,
        "Handle {Handle}: {Verb} for accelerator request {Arq} was under way when the agent stopped, generation {Generation}; the conductor asks again")]
    public static partial void LeftInFlight(ILogger logger, Guid handle, HandleVerb verb, Guid arq, long generation);

    [LoggerMessage(3070, LogLevel.Information, "Handle {Handle}: {Verb} for accelerator request {Arq} done, generation {Generation}, request {RequestId}")]
    public static partial void HandleWorkDone(ILogger logger, Guid handle, HandleVerb verb, Guid arq, long generation, string requestId);

    [LoggerMessage(
        3071, LogLevel.Warning,
        "Handle {Handle}: {Verb} for accelerator request {Arq} failed, generation {Generation}: {Reason}, request {RequestId}")]
    public static partial void HandleWorkFailed(
        ILogger logger, Guid handle, HandleVerb verb, Guid arq, long generation, string reason, string requestId);

    [LoggerMessage(3072, LogLevel.Warning, "Handle {Handle}: a command of generation {Generation} came after {Known} and is refused, request {RequestId}")]
    public static partial void StaleHandleCommand(ILogger logger, Guid handle, long generation, long known, string requestId);

    [LoggerMessage(3080, LogLevel.Information, "Placement shows what is wanted, version {Version} in epoch {Epoch}, after {Writes} changes")]
    public static partial void ProvidersSynced(ILogger logger, long version, long epoch, int writes);

    [LoggerMessage(3081, LogLevel.Warning, "Placement is not up to date; it is tried again until it is: {Reason}")]
    public static partial void ProvidersNotSynced(ILogger logger, string reason);

    [LoggerMessage(3082, LogLevel.Information, "Placement is up to date again")]
    public static partial void ProvidersRecovered(ILogger logger);

    [LoggerMessage(3083, LogLevel.Error, "The sync with Placement broke; it is repeated")]
    public static partial void ProvidersBroke(ILogger logger, Exception exception);

    [LoggerMessage(3084, LogLevel.Error, "Placement does not show all that is wanted: {Problem}")]
    public static partial void ProviderProblem(ILogger logger, string problem);

    [LoggerMessage(3085, LogLevel.Information, "No longer the case in Placement: {Problem}")]
    public static partial void ProviderProblemGone(ILogger logger, string problem);

    [LoggerMessage(3090, LogLevel.Information, "Accelerator {Accelerator}: {Driver} has done '{What}'")]
    public static partial void BackendDone(ILogger logger, Guid accelerator, string what, string driver);

    [LoggerMessage(3091, LogLevel.Warning, "Accelerator {Accelerator}: {Driver} has not done '{What}': {Reason}")]
    public static partial void BackendFailed(ILogger logger, Guid accelerator, string what, string driver, string? reason);

    [LoggerMessage(3092, LogLevel.Warning, "Device {Device} of {Driver} is ill: {Reason}")]
    public static partial void DeviceIll(ILogger logger, Guid device, string driver, string reason);

    [LoggerMessage(3093, LogLevel.Information, "Device {Device} of {Driver} is well again")]
    public static partial void DeviceWell(ILogger logger, Guid device, string driver);

    [LoggerMessage(3094, LogLevel.Warning, "The health of device {Device} could not be reported ({Code}); the next cycle repeats it")]
    public static partial void ProbeNotReported(ILogger logger, Guid device, FaultCode code);

    [LoggerMessage(3095, LogLevel.Warning, "Which devices to probe is not known ({Code}: {Reason}); the next cycle asks again")]
    public static partial void ProbesNotKnown(ILogger logger, FaultCode code, string reason);

    [LoggerMessage(3096, LogLevel.Error, "Probing the devices broke; the next cycle repeats it")]
    public static partial void ProbesBroke(ILogger logger, Exception exception);

    [LoggerMessage(3100, LogLevel.Information, "Driver package {Id} {Version} is installed")]
    public static partial void PackageInstalled(ILogger logger, string id, string version);

    [LoggerMessage(3101, LogLevel.Information, "Driver package {Id} {Version} is uninstalled")]
    public static partial void PackageRemoved(ILogger logger, string id, string version);

    [LoggerMessage(3102, LogLevel.Warning, "Driver package {Id} {Version} is not installed: {Reason}")]
    public static partial void PackageRefused(ILogger logger, string id, string version, string reason);

    [LoggerMessage(3103, LogLevel.Error, "Driver package {Id} {Version} does not load; its devices stay as they are known")]
    public static partial void PackageNotLoaded(ILogger logger, Exception exception, string id, string version);

    [LoggerMessage(3104, LogLevel.Error, "Driver package {Id} {Version} broke when its driver was made")]
    public static partial void PackageBroke(ILogger logger, Exception exception, string id, string version);

    [LoggerMessage(3105, LogLevel.Error, "Driver packages could not be read or written")]
    public static partial void PackageNotKept(ILogger logger, Exception exception);

    [LoggerMessage(3106, LogLevel.Warning, "{Folder} could not be deleted; the next start tries again")]
    public static partial void PackageNotDeleted(ILogger logger, Exception exception, string folder);

    [LoggerMessage(3110, LogLevel.Warning, "{Driver} cannot tell how much its devices are used; they are unknown: {Reason}")]
    public static partial void UsageNotMeasured(ILogger logger, string driver, string reason);

    [LoggerMessage(3111, LogLevel.Information, "{Driver} tells again how much its devices are used")]
    public static partial void UsageMeasuredAgain(ILogger logger, string driver);

    [LoggerMessage(3112, LogLevel.Warning, "How much the devices are used could not be told; it is measured anew in the next interval: {Reason}")]
    public static partial void UsageNotTold(ILogger logger, string reason);

    [LoggerMessage(3040, LogLevel.Error, "{Driver} broke in its work on {Device}")]
    public static partial void WorkBroke(ILogger logger, Exception exception, string driver, string device);

    [LoggerMessage(3041, LogLevel.Warning, "A driver's work goes on after {Timeout} of waiting for its end; it is left behind")]
    public static partial void WorkLeftBehind(ILogger logger, TimeSpan timeout);
}
