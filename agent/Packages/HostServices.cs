using System.Collections.Concurrent;
using Cyborg.Agent.Discovery;
using Cyborg.Drivers;
using Cyborg.Messaging.Contracts;
using Microsoft.Extensions.Logging;

namespace Cyborg.Agent.Packages;

/// <summary>What the backends of a host offer: as they said when they were last asked, and as their devices show when these have changed since.</summary>
internal sealed class HostServices(HostDiscovery host, TimeSpan timeout, TimeProvider time, ILogger log)
{
    private readonly ConcurrentDictionary<DriverWatch, Answer> _answers = new();

    /// <summary>What is known now.</summary>
    public IReadOnlyList<ReportedService> Known() => [.. host.Drivers.SelectMany(Known)];

    /// <summary>Asks all backends. One that cannot tell keeps no other from telling.</summary>
    public Task AskAsync(CancellationToken cancellationToken) => host.BetweenLooksAsync(
        async () =>
        {
            await Task.WhenAll(host.Drivers.Select(watch => AskAsync(watch, cancellationToken))).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <summary>Keeps what a driver has just found, before any look at the host has.</summary>
    public void Note(DriverWatch watch, DriverFindings found) => _answers[watch] = new Answer(watch.LastGood, Of(watch.Driver, found.Devices));

    /// <summary>Forgets a driver that is gone.</summary>
    public void Forget(DriverWatch watch) => _answers.TryRemove(watch, out _);

    private IEnumerable<ReportedService> Known(DriverWatch watch)
    {
        var services = _answers.TryGetValue(watch, out var answer) && ReferenceEquals(answer.Devices, watch.LastGood)
            ? answer.Services
            : Of(watch.Driver, watch.LastGood ?? []);
        var driver = watch.Driver.Name;
        return services.SelectMany(offered => offered.Fault is { } fault
            ? [new ReportedService(driver, offered.Backend.Name, null, Up: false, 0, fault)]
            : offered.Services.Select(service => new ReportedService(
                driver, offered.Backend.Name, service.Function, service.State == DriverServiceState.Up, service.Accelerators, null)));
    }

    private async Task AskAsync(DriverWatch watch, CancellationToken cancellationToken)
    {
        IReadOnlyList<BackendServices> services;
        if (watch.Driver is IBackendDriver backends)
            services = await AskAsync(watch.Driver, backends, cancellationToken).ConfigureAwait(false);
        else if (await watch.DiscoverAsync(cancellationToken).ConfigureAwait(false) is { } found)
            services = Of(watch.Driver, found.Devices);
        else
            services = Silent(watch.Driver, watch.Failure ?? "it could not tell.");
        _answers[watch] = new Answer(watch.LastGood, services);
    }

    private async Task<IReadOnlyList<BackendServices>> AskAsync(IAcceleratorDriver driver, IBackendDriver backends, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var asked = Task.Run(() => backends.DiscoverServicesAsync(end.Token), CancellationToken.None);
        try
        {
            return await asked.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!asked.IsCompleted)
        {
            await end.CancelAsync().ConfigureAwait(false);
            _ = asked.ContinueWith(ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return Silent(driver, $"it did not answer within {timeout.TotalSeconds:0} seconds.");
        }
        catch (DriverException e)
        {
            return Silent(driver, e.Message);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.WorkBroke(log, e, driver.Name, "its services");
            return Silent(driver, "it broke; the agent's log says how.");
        }
    }

    private IReadOnlyList<BackendServices> Of(IAcceleratorDriver driver, IReadOnlyList<Model.DriverDevice> devices)
    {
        try
        {
            var known = DriverServices.BackendsOf(driver);
            if (driver is not IBackendDriver backends)
                return [DriverServices.Of(known[0], new DriverFindings(devices, []))];
            var owned = devices.ToLookup(device => backends.BackendOf(device.ControlPath));
            return [.. known.Select(backend => DriverServices.Of(backend, new DriverFindings([.. owned[backend.Name]], [])))];
        }
        catch (Exception e)
        {
            // A report must not fail for it.
            Log.WorkBroke(log, e, driver.Name, "its services");
            return [];
        }
    }

    private static List<BackendServices> Silent(IAcceleratorDriver driver, string why) =>
        [.. DriverServices.BackendsOf(driver).Select(backend => new BackendServices(backend, why, []))];

    private sealed record Answer(IReadOnlyList<Model.DriverDevice>? Devices, IReadOnlyList<BackendServices> Services);
}
