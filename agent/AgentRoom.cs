using Cyborg.Agent.Accelerators;
using Cyborg.Agent.Devices;
using Cyborg.Agent.Discovery;
using Cyborg.Agent.Handles;
using Cyborg.Agent.Images;
using Cyborg.Agent.Journal;
using Cyborg.Agent.Leases;
using Cyborg.Agent.Packages;
using Cyborg.Agent.Providers;
using Cyborg.Agent.Usage;
using Cyborg.Drivers;
using Cyborg.Hosting;
using Cyborg.Hosting.Systemd;
using Cyborg.Identity.Session;
using Cyborg.Messaging;
using Cyborg.Model;
using Cyborg.Placement;
using Microsoft.Extensions.Logging;

namespace Cyborg.Agent;

/// <summary>The agent of one host: its drivers find, install and attach the host's accelerators, and it tells the conductor. It listens for commands as soon as
/// a conductor has accepted it as the host's, and not while another agent holds the host's name.</summary>
public sealed class AgentRoom : IServiceRoom
{
    private readonly AgentSetting _setting;
    private readonly string _drivers;
    private readonly BusServer _server;
    private readonly CommandGate _gate;
    private readonly DeviceWork _work;
    private readonly ImageSource _images;
    private readonly HandleCommands _handles;
    private readonly InstallDevices _installs;
    private readonly HostParts _parts;
    private readonly ReportLoop _reports;
    private readonly HeartbeatLoop _heartbeats;
    private readonly HealthProbes _probes;
    private readonly BackendWork _backends;
    private readonly UsageLoop _usage;
    private readonly DriverPackages _packages;
    private readonly DriverReload _reload;
    private readonly KeystoneSession? _placement;
    private readonly ProviderLoop? _providers;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private int _disposed;

    internal AgentRoom(AgentOptions options, IReadOnlyList<IAcceleratorDriver> drivers, IBusTransport transport, ILoggerFactory logs, TimeProvider time)
    {
        var log = logs.CreateLogger("cyborg.agent");
        var bus = new BusOptions();
        var journal = new AgentJournal(options.StateFolder, time, log);
        _setting = new AgentSetting(options, journal, new BusClient(transport, bus, logs, time), time, log);
        _drivers = string.Join(", ", drivers.Select(driver => driver.Name));
        var host = new HostDiscovery([.. drivers.Select(driver => new DriverWatch(driver, options.DiscoveryTimeout, time, log))]);
        _parts = new HostParts(
            new HostLease(time, options.HeartbeatInterval), new HostEpochs(journal, log), new HostInventory(host, journal, log), new ProviderNews());
        _work = new DeviceWork(time, log);
        _images = new ImageSource(options, logs, log, time);
        _handles = new HandleCommands(_setting, host);
        _installs = new InstallDevices(_setting, host, _work);
        _server = new BusServer(transport, bus, logs, time);
        Routes.Map(_server, options.Host, _installs, new ProgramDevices(_setting, host, _work, _images), _handles);
        if (options.Providers.Placement is { } placement)
        {
            _placement = new KeystoneSession(placement, logs, time);
            _providers = new ProviderLoop(_setting, _parts, new PlacementClient(_placement));
            Routes.Map(_server, options.Host, _providers);
        }
        _gate = new CommandGate(_server, log);
        _probes = new HealthProbes(_setting, host, _work);
        var services = new HostServices(host, options.DiscoveryTimeout, time, log);
        _packages = new DriverPackages(_setting, host, services, _work, Nudge);
        _reports = new ReportLoop(_setting, _parts, _installs, _gate, _packages) { Looked = _probes.Look };
        _backends = new BackendWork(_setting, host, _work, _reports.Nudge, _stop.Token);
        Routes.Map(_server, options.Host, _backends);
        Routes.Map(_server, options.Host, _packages);
        _usage = new UsageLoop(_setting, host, _gate, transport);
        _heartbeats = new HeartbeatLoop(_setting, _parts, _reports, _installs, _gate);
        _reload = new DriverReload(_setting, host, services, _work, _handles) { Changed = Nudge };
    }

    /// <summary>Puts an agent together; nothing is connected or read yet.</summary>
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
    public Guid BootId => _setting.Journal.BootId;

    /// <summary>Ends when a conductor has accepted the first report, with what it held; cancelled if the agent stops before. Commands are served
    /// then.</summary>
    public Task<IReadOnlyList<DriverDiscovery>> FirstReport => _reports.FirstReport;

    /// <summary>True while no other agent can hold the host's name, as far as this agent's own clock tells: a conductor has confirmed a heartbeat that was sent
    /// less than three <c>[agent] heartbeat_interval</c> ago. Without it an agent may give up what it offers, but not offer more.</summary>
    public bool LeaseConfirmed => _parts.Lease.Confirmed;

    /// <summary>What is done to devices now.</summary>
    internal DeviceWork Work => _work;

    /// <summary>Reads what former starts have left, notes this one, and begins to report. It does not wait for a conductor: reports and heartbeats are
    /// repeated until one accepts them.</summary>
    /// <exception cref="IOException">The agent's folder in <c>[DEFAULT] state_path</c> is in use by another agent, or cannot be written.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _setting.Journal.Open();
        _images.Clear();
        _packages.Restore();
        _parts.Inventory.Restore();
        _providers?.Restore();
        _running = Task.WhenAll(
            Task.Run(() => _reports.RunAsync(_stop.Token), CancellationToken.None),
            Task.Run(() => _heartbeats.RunAsync(_stop.Token), CancellationToken.None),
            Task.Run(() => _probes.RunAsync(_stop.Token), CancellationToken.None),
            Task.Run(() => _usage.RunAsync(_reports.FirstReport, _stop.Token), CancellationToken.None),
            _providers is null ? Task.CompletedTask : Task.Run(() => _providers.RunAsync(_reports.FirstReport, _stop.Token), CancellationToken.None));
        var identity = _setting.Journal.Identity;
        Log.Started(_setting.Logger, _setting.Options.Host, _drivers, BootId, identity.BootNumber, identity.AgentId);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<string?> WhyDeadAsync(CancellationToken stop) =>
        ValueTask.FromResult(_running.IsCompleted ? "the agent's loops have ended" : _heartbeats.Sign.WhyDead());

    /// <summary>True for an option that a running agent takes over: those of the drivers that come with it.</summary>
    public static bool TakesOver(Option option) => option.IsMutable && option.Section != "DEFAULT";

    /// <summary>Puts drivers with the configuration's options in the place of the present ones, and looks at the host at once.</summary>
    /// <param name="config">The configuration; of it only the drivers' options count.</param>
    /// <param name="changed">What is to be taken over.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ConfigException">The options cannot be used. Nothing has changed.</exception>
    /// <exception cref="InvalidOperationException">A driver is at work. Nothing has changed.</exception>
    public Task ReloadDriversAsync(CyborgConfig config, IReadOnlyList<Option> changed, CancellationToken cancellationToken) =>
        _reload.RunAsync(config, changed, cancellationToken);

    /// <summary>Has the agent look and report at once.</summary>
    public void Nudge() => _reports.Nudge();

    /// <summary>Stops: no more reports, drivers' work is cancelled, calls under way get their answer.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        await Task.WhenAll(_work.DisposeAsync().AsTask(), _handles.DisposeAsync().AsTask(), _backends.WhenIdleAsync()).ConfigureAwait(false);
        await _server.DisposeAsync().ConfigureAwait(false);
        await _setting.Bus.DisposeAsync().ConfigureAwait(false);
        await _packages.DisposeAsync().ConfigureAwait(false);
        await _installs.WhenIdleAsync().ConfigureAwait(false);
        await _setting.Journal.DisposeAsync().ConfigureAwait(false);
        _gate.Dispose();
        _images.Dispose();
        _placement?.Dispose();
        _stop.Dispose();
        Log.Stopped(_setting.Logger, _setting.Options.Host);
    }
}
