using Cyborg.Agent.Devices;
using Cyborg.Agent.Discovery;
using Cyborg.Drivers;
using Cyborg.Hosting;
using Cyborg.Messaging;
using Cyborg.Model;
using Microsoft.Extensions.Logging;

namespace Cyborg.Agent;

/// <summary>The agent of one host: its drivers find and install the host's accelerators, and it tells the conductor.</summary>
public sealed class AgentRoom : IAsyncDisposable
{
    private readonly AgentSetting _setting;
    private readonly string _drivers;
    private readonly BusServer _server;
    private readonly DeviceWork _work;
    private readonly InstallDevices _installs;
    private readonly ReportLoop _loop;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private int _disposed;

    internal AgentRoom(AgentOptions options, IReadOnlyList<IAcceleratorDriver> drivers, IBusTransport transport, ILoggerFactory logs, TimeProvider time)
    {
        var log = logs.CreateLogger("cyborg.agent");
        var bus = new BusOptions();
        _setting = new AgentSetting(options, Guid.NewGuid(), new BusClient(transport, bus, logs, time), time, log);
        _drivers = string.Join(", ", drivers.Select(driver => driver.Name));
        var host = new HostDiscovery([.. drivers.Select(driver => new DriverWatch(driver, options.DiscoveryTimeout, time, log))]);
        _work = new DeviceWork(time, log);
        _installs = new InstallDevices(_setting, host, _work);
        _loop = new ReportLoop(_setting, host, _installs);
        _server = new BusServer(transport, bus, logs, time);
        Routes.Map(_server, options.Host, _installs, new ProgramDevices(_setting, host, _work));
    }

    /// <summary>Puts an agent together; nothing is connected yet.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="transport">The bus; not disposed by the agent.</param>
    /// <param name="logs">Where it tells what it does.</param>
    /// <param name="time">Clock of its waits.</param>
    /// <exception cref="ConfigException">A value of the configuration is wrong, an unknown driver included: all faults, one line each.</exception>
    public static AgentRoom Build(CyborgConfig config, IBusTransport transport, ILoggerFactory logs, TimeProvider time)
    {
        var options = AgentOptions.From(config);
        return new AgentRoom(options, options.Catalog(time).Create(options.EnabledDrivers), transport, logs, time);
    }

    /// <summary>Made anew at each start of an agent.</summary>
    public Guid BootId => _setting.BootId;

    /// <summary>Ends when a conductor has accepted the first report, with what it held; cancelled if the agent stops before.</summary>
    public Task<IReadOnlyList<DriverDiscovery>> FirstReport => _loop.FirstReport;

    /// <summary>Serves calls and begins to report. It does not wait for a conductor: reports are repeated until one accepts them.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _server.StartAsync(cancellationToken).ConfigureAwait(false);
        _running = Task.Run(() => _loop.RunAsync(_stop.Token), CancellationToken.None);
        Log.Started(_setting.Logger, _setting.Options.Host, _drivers, BootId);
    }

    /// <summary>Has the agent look and report at once.</summary>
    public void Nudge() => _loop.Nudge();

    /// <summary>Stops: no more reports, drivers' work is cancelled, calls under way get their answer.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        await _work.DisposeAsync().ConfigureAwait(false);
        await _server.DisposeAsync().ConfigureAwait(false);
        await _setting.Bus.DisposeAsync().ConfigureAwait(false);
        await _installs.WhenIdleAsync().ConfigureAwait(false);
        _stop.Dispose();
        Log.Stopped(_setting.Logger, _setting.Options.Host);
    }
}
