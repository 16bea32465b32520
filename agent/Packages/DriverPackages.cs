using Cyborg.Agent.Accelerators;
using Cyborg.Agent.Devices;
using Cyborg.Agent.Discovery;
using Cyborg.Drivers;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Packages;

/// <summary>Installs, updates and uninstalls drivers while the agent runs. A package is in use from the moment in which <c>packages.json</c> says so, which is
/// written after its driver has found its devices once and before anybody uses it; an agent that starts again loads it again. One change at a time;
/// a change goes on when its caller stops waiting.</summary>
internal sealed class DriverPackages(AgentSetting setting, HostDiscovery host, HostServices services, DeviceWork work, Action changed) : IAsyncDisposable
{
    private const int RemovedKept = 100;
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly PackageSource _source = new(setting.Options.Packages.Source);
    private readonly PackageStore _store = new(setting.Options.Packages.Path ?? Path.Combine(setting.Options.StateFolder, "packages"), setting.Logger);
    private readonly Dictionary<string, LoadedPackage> _loaded = new(StringComparer.Ordinal);
    private readonly Queue<Guid> _removed = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private volatile PackagesFile _file = PackagesFile.Empty;
    private volatile Task _last = Task.CompletedTask;

    /// <summary>Loads what former starts have installed; the journal is open. A package that does not load is a driver that cannot tell.</summary>
    public void Restore()
    {
        _file = setting.Journal.Folder.Read(PackagesFile.Name, Journal.AgentJson.Default.PackagesFile, file => file.IsSound()) ?? PackagesFile.Empty;
        _store.Clear(_file);
        foreach (var entry in _file.Packages)
            host.Put(Watch(Restored(entry)));
    }

    /// <summary>What a report tells of the drivers.</summary>
    public HostDrivers Tell() => new(
        [.. host.Drivers.Select(watch => new ReportedDriver(watch.Driver.Name, _file.Find(watch.Driver.Name)?.Version, (watch.Driver as BrokenDriver)?.Reason))],
        BackendTale.Of(host.Drivers, setting.Logger),
        services.Known());

    /// <summary>Installs a package.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.DriverNotFound"/>, <see cref="FaultCode.PackageUnusable"/>, <see cref="FaultCode.BackendFailed"/>: its
    /// driver cannot find its devices; <see cref="FaultCode.Conflict"/>: there is such a driver. Nothing has changed.</exception>
    public Task<HostDrivers> InstallAsync(PutDriver request, CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            if (_file.Find(request.Id) is { } known)
            {
                if (known.Order != request.Order)
                    throw Conflict($"The driver {request.Id} is installed on host {Host}, in version {known.Version}: update it.");
                return Tell();
            }
            if (host.Drivers.Any(watch => watch.Driver.Name == request.Id))
                throw Conflict($"The driver {request.Id} comes with the agent of host {Host}.");
            await PutAsync(request, _source.Choose(request.Id, request.Version), before: null).ConfigureAwait(false);
            return Tell();
        },
        cancellationToken);

    /// <summary>Puts another version of a package in the place of the present one, which goes on if that fails.</summary>
    /// <exception cref="FaultException">As for <see cref="InstallAsync"/>; <see cref="FaultCode.BackendFailed"/> also if the new version does not find what the
    /// present one has found. Nothing has changed.</exception>
    public Task<HostDrivers> UpdateAsync(PutDriver request, CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            var known = Installed(request.Id);
            if (known.Order == request.Order)
                return Tell();
            var version = _source.Choose(request.Id, request.Version);
            var before = host.DriverNamed(request.Id, Host);
            if (version == known.Version && before.Driver is not BrokenDriver)
                throw Conflict($"The driver {request.Id} of host {Host} is in version {version} already.");
            CheckIdle(request.Id, before);
            await PutAsync(request, version, before).ConfigureAwait(false);
            return Tell();
        },
        cancellationToken);

    /// <summary>Takes a package away: its driver gives each device back first.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.DriverNotFound"/>, <see cref="FaultCode.Conflict"/>: its driver is at work or comes with the agent;
    /// <see cref="FaultCode.BackendFailed"/>: it does not give a device back. Nothing has changed.</exception>
    public Task<HostDrivers> UninstallAsync(RemoveDriver request, CancellationToken cancellationToken) => InTurnAsync(
        async () =>
        {
            if (_removed.Contains(request.Order))
                return Tell();
            var known = Installed(request.Id);
            var watch = host.DriverNamed(request.Id, Host);
            CheckIdle(request.Id, watch);
            if (watch.Driver is not BrokenDriver)
                await GiveBackAsync(watch.Driver, watch.LastGood ?? []).ConfigureAwait(false);
            await host.BetweenLooksAsync(
                () =>
                {
                    Save(_file.Without(request.Id));
                    host.Remove(request.Id);
                    return Task.FromResult(true);
                },
                _stop.Token).ConfigureAwait(false);
            if (_removed.Count >= RemovedKept)
                _removed.Dequeue();
            _removed.Enqueue(request.Order);
            services.Forget(watch);
            await LetGoAsync(request.Id).ConfigureAwait(false);
            _store.Drop(request.Id, known.Version);
            Log.PackageRemoved(setting.Logger, request.Id, known.Version);
            changed();
            return Tell();
        },
        cancellationToken);

    /// <summary>Asks all backends what they offer.</summary>
    public async Task<HostDrivers> AskServicesAsync(CancellationToken cancellationToken)
    {
        await services.AskAsync(cancellationToken).ConfigureAwait(false);
        changed();
        return Tell();
    }

    /// <summary>Waits for what is under way, but not for ever, and ends the drivers.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _last.WaitAsync(StopTimeout, setting.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_last.IsCompleted)
        {
            Log.WorkLeftBehind(setting.Logger, StopTimeout);
            return;
        }
        foreach (var id in _loaded.Keys.ToList())
            await LetGoAsync(id).ConfigureAwait(false);
        _turn.Dispose();
        _stop.Dispose();
    }

    private string Host => setting.Options.Host;

    private async Task<HostDrivers> InTurnAsync(Func<Task<HostDrivers>> change, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        var ended = Task.Run(
            async () =>
            {
                try
                {
                    return await change().ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (_stop.IsCancellationRequested)
                {
                    throw new FaultException(FaultCode.Unavailable, "The agent stops.");
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    Log.PackageNotKept(setting.Logger, e);
                    throw new FaultException(FaultCode.Unavailable, $"The agent of host {Host} cannot read or write its packages.", e);
                }
                finally
                {
                    _turn.Release();
                }
            },
            CancellationToken.None);
        _last = ended;
        // Its failure is its caller's to see, who may be gone.
        _ = ended.ContinueWith(task => task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return await ended.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task PutAsync(PutDriver request, string version, DriverWatch? before)
    {
        var package = Take(request, version);
        LoadedPackage? loaded = null;
        try
        {
            loaded = await LoadAsync(package).ConfigureAwait(false);
            var watch = Watch(loaded.Driver);
            await host.BetweenLooksAsync(() => TryAsync(request, watch, before, package), _stop.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Back to what was, as if nothing had been asked for.
            await EndAsync(loaded).ConfigureAwait(false);
            if (_file.Find(request.Id)?.Version != version)
                _store.Drop(request.Id, version);
            Log.PackageRefused(setting.Logger, request.Id, version, e.Message);
            if (e is PackageException)
                throw Unusable(request.Id, version, e.Message);
            throw;
        }
        var old = before is null ? null : _loaded.GetValueOrDefault(request.Id)?.Package.Manifest.Version;
        if (before is not null)
            services.Forget(before);
        await LetGoAsync(request.Id).ConfigureAwait(false);
        _loaded[request.Id] = loaded;
        if (old is not null && old != version)
            _store.Drop(request.Id, old);
        Log.PackageInstalled(setting.Logger, request.Id, version);
        changed();
    }

    // The first discovery decides; only when it has worked is anything changed that lasts.
    private async Task<bool> TryAsync(PutDriver request, DriverWatch watch, DriverWatch? before, StoredPackage package)
    {
        var found = await watch.DiscoverAsync(_stop.Token).ConfigureAwait(false)
            ?? throw new FaultException(FaultCode.BackendFailed, $"{Named(package)} cannot find its devices on host {Host}: {watch.Failure}");
        var paths = found.Devices.Select(device => device.ControlPath).ToHashSet();
        if (before?.LastGood?.FirstOrDefault(device => !paths.Contains(device.ControlPath)) is { } lost)
        {
            throw new FaultException(
                FaultCode.BackendFailed, $"{Named(package)} does not find the device {lost.ControlPath.CpidInfo} of host {Host}, which the present version has found.");
        }
        Save(_file.With(new PackageEntry(package.Manifest.Id, package.Manifest.Version, package.Checksum, request.Order)));
        if (before?.LastGood is { } known)
            watch.Restore(new Journal.KnownDevices(request.Id, known, before.Reported));
        services.Note(watch, found);
        host.Put(watch);
        return true;
    }

    private StoredPackage Take(PutDriver request, string version)
    {
        try
        {
            using var archive = _source.Open(request.Id, version, request.Checksum);
            return _store.Take(archive, request.Id, version);
        }
        catch (PackageException e)
        {
            Log.PackageRefused(setting.Logger, request.Id, version, e.Message);
            throw Unusable(request.Id, version, e.Message);
        }
    }

    // Others' code: it may hang as well as throw.
    private async Task<LoadedPackage> LoadAsync(StoredPackage package)
    {
        var loading = Task.Run(() => Load(package), CancellationToken.None);
        try
        {
            return await loading.WaitAsync(setting.Options.DiscoveryTimeout, setting.Time, _stop.Token).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!loading.IsCompleted)
        {
            throw new PackageException($"has made no driver within {setting.Options.DiscoveryTimeout.TotalSeconds:0} seconds.");
        }
    }

    private LoadedPackage Load(StoredPackage package)
    {
        var state = Directory.CreateDirectory(Path.Combine(setting.Options.StateFolder, "drivers", package.Manifest.Id), Own).FullName;
        var made = new DriverPackageSetting { Host = Host, StateFolder = state, Options = _source.OptionsOf(package.Manifest.Id) };
        return LoadedPackage.Load(package, made, setting.Logger);
    }

    private IAcceleratorDriver Restored(PackageEntry entry)
    {
        try
        {
            var loaded = LoadAsync(_store.Find(entry)).GetAwaiter().GetResult();
            _loaded[entry.Id] = loaded;
            return loaded.Driver;
        }
        catch (Exception e) when (e is PackageException or IOException or UnauthorizedAccessException)
        {
            var reason = $"the package {entry.Id} {entry.Version} {(e is PackageException ? e.Message : "cannot be read.")}";
            Log.PackageNotLoaded(setting.Logger, e, entry.Id, entry.Version);
            return new BrokenDriver(entry.Id, reason);
        }
    }

    private async Task GiveBackAsync(IAcceleratorDriver driver, IReadOnlyList<DriverDevice> devices)
    {
        var given = new List<DriverControlPath>();
        foreach (var path in devices.Select(device => device.ControlPath))
        {
            var outcome = await work.RunAsync(driver.Name, path, "uninstall", stop => driver.UninstallAsync(path, stop), _stop.Token).ConfigureAwait(false);
            if (outcome.Worked || outcome.Kind == DriverOutcomeKind.NotSupported)
            {
                given.Add(path);
                continue;
            }
            foreach (var before in given)
                await work.RunAsync(driver.Name, before, "install", stop => driver.InstallAsync(before, stop), _stop.Token).ConfigureAwait(false);
            throw new FaultException(
                FaultCode.BackendFailed, $"The driver {driver.Name} does not give back the device {path.CpidInfo} of host {Host}: {outcome.Reason}");
        }
    }

    private void CheckIdle(string id, DriverWatch watch)
    {
        if (watch.LastGood?.Any(device => work.IsBusy(device.ControlPath)) == true)
            throw Conflict($"The driver {id} of host {Host} is at work on a device.");
    }

    private DriverWatch Watch(IAcceleratorDriver driver) => new(driver, setting.Options.DiscoveryTimeout, setting.Time, setting.Logger);

    private PackageEntry Installed(string id)
    {
        if (_file.Find(id) is { } known)
            return known;
        throw host.Drivers.Any(watch => watch.Driver.Name == id)
            ? Conflict($"The driver {id} comes with the agent of host {Host}: [agent] enabled_drivers says whether it is used.")
            : new FaultException(FaultCode.DriverNotFound, $"Host {Host} has no driver {id}.");
    }

    private void Save(PackagesFile file)
    {
        setting.Journal.Folder.Write(PackagesFile.Name, file, Journal.AgentJson.Default.PackagesFile);
        _file = file;
    }

    private Task LetGoAsync(string id) => _loaded.Remove(id, out var package) ? EndAsync(package) : Task.CompletedTask;

    private async Task EndAsync(LoadedPackage? package)
    {
        if (package is null)
            return;
        try
        {
            await package.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.WorkBroke(setting.Logger, e, package.Driver.Name, "its end");
        }
    }

    private static string Named(StoredPackage package) => $"The package {package.Manifest.Id} {package.Manifest.Version}";

    private static FaultException Conflict(string message) => new(FaultCode.Conflict, message);

    private FaultException Unusable(string id, string version, string why) =>
        new(FaultCode.PackageUnusable, $"The package {id} {version} of host {Host} {why}");
}
