using System.Collections.Concurrent;
using Cyborg.Agent.Discovery;
using Cyborg.Drivers;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Devices;

/// <summary>Installs devices: when a conductor asks for one, and when the reply to a report lists them.</summary>
internal sealed class InstallDevices(AgentSetting setting, HostDiscovery host, DeviceWork work)
{
    private readonly ConcurrentDictionary<Guid, Task> _ownAccount = new();

    /// <summary>A conductor asks: the reply says how it went.</summary>
    /// <exception cref="FaultException">No such driver or device here, or the agent stops.</exception>
    public async Task<InstallResult> HandleAsync(InstallDevice request, CancellationToken cancellationToken)
    {
        var outcome = await InstallAsync(request, cancellationToken).ConfigureAwait(false);
        return new InstallResult(outcome.Worked ? null : outcome.Reason);
    }

    /// <summary>The conductor's reply to a report wants these: installs each in the background and reports how it went. One that is under way
    /// already is left to itself.</summary>
    public void Start(IReadOnlyList<InstallDevice> wanted)
    {
        foreach (var device in wanted)
        {
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_ownAccount.TryAdd(device.DeviceUuid, started.Task))
                _ = InstallAndReportAsync(device, started);
        }
    }

    /// <summary>Waits for the installs of <see cref="Start"/>, and for their reports.</summary>
    public Task WhenIdleAsync() => Task.WhenAll(_ownAccount.Values);

    private async Task InstallAndReportAsync(InstallDevice device, TaskCompletionSource ended)
    {
        try
        {
            string? error;
            try
            {
                var outcome = await InstallAsync(device, CancellationToken.None).ConfigureAwait(false);
                error = outcome.Worked ? null : outcome.Reason;
            }
            catch (FaultException fault) when (fault.Code != FaultCode.Unavailable)
            {
                error = fault.Message;
            }
            var context = new CallContext { RequestId = $"req-{Guid.NewGuid()}" };
            var report = new ReportInstall(device.DeviceUuid, error);
            await setting.Bus.CallAsync(Verbs.ReportInstall, report, context, setting.Options.Host).ConfigureAwait(false);
        }
        catch (FaultException fault)
        {
            // The conductor's row is the job: the next reply lists the device again.
            Log.InstallNotReported(setting.Logger, device.DeviceUuid, fault.Code);
        }
        catch (Exception e)
        {
            Log.InstallBroke(setting.Logger, e, device.DeviceUuid);
        }
        finally
        {
            _ownAccount.TryRemove(device.DeviceUuid, out _);
            ended.SetResult();
        }
    }

    private async Task<DriverOutcome> InstallAsync(InstallDevice request, CancellationToken cancellationToken)
    {
        var watch = host.DriverOf(request.Driver, request.ControlPath, setting.Options.Host);
        var outcome = await work.RunAsync(
            request.Driver, request.ControlPath, "install",
            stop => watch.Driver.InstallAsync(request.ControlPath, stop), cancellationToken).ConfigureAwait(false);
        if (outcome.Worked)
            Log.Installed(setting.Logger, request.DeviceUuid, request.Driver);
        else
            Log.InstallFailed(setting.Logger, request.DeviceUuid, request.Driver, outcome.Reason);
        return outcome;
    }
}
