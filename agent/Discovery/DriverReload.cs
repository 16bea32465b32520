using Cyborg.Agent.Devices;
using Cyborg.Agent.Handles;
using Cyborg.Agent.Journal;
using Cyborg.Agent.Packages;
using Cyborg.Drivers;
using Cyborg.Drivers.Fake;
using Cyborg.Hosting;

namespace Cyborg.Agent.Discovery;

/// <summary>Takes over changed options of the drivers that come with the agent, while it runs: a driver with the new options takes the place of the present one
/// between two looks at the host, with what that one has last told. A driver that is enabled no more is taken out, as it would be by a restart.</summary>
internal sealed class DriverReload(AgentSetting setting, HostDiscovery host, HostServices services, DeviceWork work, HandleCommands handles)
{
    private const string FakeSection = "fake";

    private IReadOnlyList<string> _enabled = [.. setting.Options.EnabledDrivers.Distinct(StringComparer.Ordinal)];

    /// <summary>Called when the drivers have changed; must not block.</summary>
    public Action Changed { get; init; } = () => { };

    /// <summary>Takes them over; one caller at a time.</summary>
    /// <exception cref="ConfigException">The options cannot be used.</exception>
    /// <exception cref="InvalidOperationException">A driver is at work, or a package has its name. Nothing has changed.</exception>
    public async Task RunAsync(CyborgConfig config, IReadOnlyList<Option> changed, CancellationToken cancellationToken)
    {
        // Whatever the files say by now: the host's name and the folder stay until a restart.
        var options = AgentOptions.From(config
            .With(SharedOptions.HostOption, setting.Options.Host)
            .With(SharedOptions.StatePathOption, Path.GetDirectoryName(setting.Options.StateFolder)!));
        var enabled = options.EnabledDrivers.Distinct(StringComparer.Ordinal).ToList();
        var anew = enabled.Where(driver => !_enabled.Contains(driver) || changed.Any(option => IsOf(option, driver))).ToList();
        var gone = _enabled.Except(enabled).ToList();
        var made = options.Catalog(setting.Time).Create(anew);
        await host.BetweenLooksAsync(
            () =>
            {
                CheckIdle([.. anew, .. gone]);
                foreach (var driver in made)
                    Put(driver);
                foreach (var driver in gone)
                    Remove(driver);
                _enabled = enabled;
                return Task.FromResult(true);
            },
            cancellationToken).ConfigureAwait(false);
        Changed();
    }

    private static bool IsOf(Option option, string driver) =>
        option != AgentOptions.EnabledDriversOption && (option.Section == FakeSection) == (driver == FakeDriver.EntryName);

    private void CheckIdle(IReadOnlyList<string> drivers)
    {
        foreach (var watch in host.Drivers.Where(watch => drivers.Contains(watch.Driver.Name)))
        {
            if (!_enabled.Contains(watch.Driver.Name))
                throw new InvalidOperationException($"A package of the name {watch.Driver.Name} is installed; uninstall it first.");
            if (handles.IsBusy || watch.LastGood?.Any(device => work.IsBusy(device.ControlPath)) == true)
                throw new InvalidOperationException($"The driver {watch.Driver.Name} is at work; reload again when it is done.");
        }
    }

    private void Put(IAcceleratorDriver driver)
    {
        var watch = new DriverWatch(driver, setting.Options.DiscoveryTimeout, setting.Time, setting.Logger);
        if (host.Drivers.FirstOrDefault(known => known.Driver.Name == driver.Name) is { } before)
        {
            if (before.LastGood is { } known)
                watch.Restore(new KnownDevices(driver.Name, known, before.Reported));
            services.Forget(before);
        }
        host.Put(watch);
    }

    private void Remove(string driver)
    {
        if (host.Drivers.FirstOrDefault(known => known.Driver.Name == driver) is { } before)
            services.Forget(before);
        host.Remove(driver);
    }
}
