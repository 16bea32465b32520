using System.Collections.Concurrent;
using Cyborg.Agent.Devices;
using Cyborg.Agent.Discovery;
using Cyborg.Drivers;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Accelerators;

/// <summary>Has drivers make, change and take away accelerators on their backends. What is done shows in the next look at the host, which follows at once. A
/// command that comes again while it is carried out joins it; one that comes after finds it done, for drivers repeat themselves harmlessly.</summary>
/// <param name="setting">What the parts of an agent share.</param>
/// <param name="host">The enabled drivers.</param>
/// <param name="work">One thing at a time for each device.</param>
/// <param name="changed">Has the agent look and report.</param>
/// <param name="stopping">Fires when the agent stops.</param>
internal sealed class BackendWork(AgentSetting setting, HostDiscovery host, DeviceWork work, Action changed, CancellationToken stopping)
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<Guid, Lazy<Task<DriverOutcome>>> _making = new();

    /// <summary>Makes an accelerator.</summary>
    /// <exception cref="FaultException">The driver is not enabled here, or the agent stops.</exception>
    public async Task<BackendResult> MakeAsync(MakeAccelerator request, CancellationToken cancellationToken)
    {
        if (Driver(request.Driver) is not { } driver)
            return NotMade(request.Driver);
        var making = _making.GetOrAdd(request.Uuid, _ => new Lazy<Task<DriverOutcome>>(() => Task.Run(() => MakeAsync(driver, request), CancellationToken.None)));
        var outcome = await making.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
        _making.TryRemove(new KeyValuePair<Guid, Lazy<Task<DriverOutcome>>>(request.Uuid, making));
        return Told(outcome, "make", request.Uuid, request.Driver);
    }

    /// <summary>Changes an accelerator, or takes it away.</summary>
    /// <exception cref="FaultException">The driver is not enabled here, or the agent stops.</exception>
    public async Task<BackendResult> ChangeAsync(ChangeAccelerator request, CancellationToken cancellationToken)
    {
        if (Driver(request.Driver) is not { } driver)
            return NotMade(request.Driver);
        var outcome = request.Specs is { } specs
            ? await work.RunAsync(
                request.Driver, request.ControlPath, $"update {specs}", stop => driver.UpdateAsync(request.ControlPath, Spec(specs), stop), cancellationToken)
                .ConfigureAwait(false)
            : await work.RunAsync(
                request.Driver, request.ControlPath, "delete", stop => driver.DeleteAsync(request.ControlPath, stop), cancellationToken).ConfigureAwait(false);
        return Told(outcome, request.Specs is null ? "delete" : "update", request.Uuid, request.Driver);
    }

    /// <summary>Waits for what is being made, but not for ever.</summary>
    public async Task WhenIdleAsync()
    {
        var idle = Task.WhenAll(_making.Values.Select(making => (Task)making.Value));
        if (await Task.WhenAny(idle, Task.Delay(StopTimeout, setting.Time)).ConfigureAwait(false) != idle)
            Log.WorkLeftBehind(setting.Logger, StopTimeout);
    }

    private IProvisioningDriver? Driver(string name) => host.DriverNamed(name, setting.Options.Host).Driver as IProvisioningDriver;

    private static BackendResult NotMade(string driver) => new($"Accelerators of the driver {driver} are found, not made.", NotSupported: true);

    private async Task<DriverOutcome> MakeAsync(IProvisioningDriver driver, MakeAccelerator request)
    {
        try
        {
            var order = new AcceleratorOrder(request.Uuid, request.Name, Spec(request.Specs));
            return (await driver.CreateAsync(request.Backend, order, stopping).ConfigureAwait(false)).Outcome;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw new FaultException(FaultCode.Unavailable, "The agent stops.");
        }
        catch (DriverException e)
        {
            return DriverOutcome.Failed(e.Message);
        }
        catch (Exception e)
        {
            Log.WorkBroke(setting.Logger, e, request.Driver, request.Uuid.ToString());
            return DriverOutcome.Failed($"{request.Driver} broke; the agent's log says how.");
        }
    }

    private BackendResult Told(DriverOutcome outcome, string what, Guid accelerator, string driver)
    {
        if (outcome.Worked)
        {
            Log.BackendDone(setting.Logger, accelerator, what, driver);
            changed();
            return new BackendResult(null, NotSupported: false);
        }
        Log.BackendFailed(setting.Logger, accelerator, what, driver, outcome.Reason);
        return new BackendResult(outcome.Reason ?? "The driver gives no reason.", outcome.Kind == DriverOutcomeKind.NotSupported);
    }

    private static AcceleratorSpec Spec(AccSpecs specs) =>
        new() { Remote = specs.Remote, Num = specs.Num, DeviceType = specs.DeviceType, Capability = specs.Capability };
}
