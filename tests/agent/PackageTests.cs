using Cyborg.Agent.Packages;
using Cyborg.Drivers;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.TestServers;

namespace Cyborg.Agent.Tests;

/// <summary>Drivers that are installed while the agent runs: the sample package, which is built against the contract and is no part of the solution.</summary>
public sealed class PackageTests : IAsyncDisposable
{
    private const string Id = DriverPackageFile.SampleId;

    private readonly Stage _stage = new();
    private readonly string _source;

    public PackageTests() => _source = Directory.CreateDirectory(Path.Combine(_stage.Folder, "depot")).FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task A_package_is_installed_and_its_devices_are_reported()
    {
        DriverPackageFile.PackSample(_source, "1.0.0");
        await StartAsync();
        var told = await InstallAsync();
        Assert.Equal(new ReportedDriver(Id, "1.0.0", null), Assert.Single(told.Drivers, driver => driver.Id == Id));
        Assert.Equal(Id, Assert.Single(told.Backends, backend => backend.Driver == Id).Backend);
        Assert.Equal(new ReportedService(Id, Id, "qat", Up: true, 1, null), Assert.Single(told.Services));
        var report = await _stage.ReportAsync();
        var device = Assert.Single(report.Drivers.Single(driver => driver.Driver == Id).Devices!);
        Assert.Equal("5a5a", device.Vendor);
        // Its code runs in a context of its own, which no other driver shares.
        Assert.Equal($"{Id} 1.0.0", device.VendorBoardInfo);
        Assert.Contains(report.Running!, driver => driver == new ReportedDriver(Id, "1.0.0", null));
        Assert.Contains(report.Services!, service => service.Driver == Id);
        Assert.DoesNotContain(AppDomain.CurrentDomain.GetAssemblies().Where(assembly => assembly.GetName().Name == "Cyborg.SamplePackage"), IsShared);
    }

    [Fact]
    public async Task The_highest_version_is_installed_when_nobody_names_one()
    {
        foreach (var version in new[] { "1.2.0", "1.10.0", "1.9.9" })
            DriverPackageFile.PackSample(_source, version);
        await StartAsync();
        Assert.Equal("1.10.0", Version(await InstallAsync()));
    }

    [Fact]
    public async Task An_installed_driver_gets_the_operators_options()
    {
        DriverPackageFile.PackSample(_source, "1.0.0");
        await File.WriteAllTextAsync(Path.Combine(_source, $"{Id}.options.json"), """{"cards": "a,b,c"}""", Token);
        await StartAsync();
        Assert.Equal(3, Assert.Single((await InstallAsync()).Services).Accelerators);
    }

    [Fact]
    public async Task An_installed_driver_is_there_again_after_a_restart()
    {
        DriverPackageFile.PackSample(_source, "1.0.0");
        var first = await StartAsync();
        await InstallAsync();
        await first.DisposeAsync();
        Directory.Delete(_source, recursive: true);
        var report = await FirstReportOfAsync(await StartAsync());
        Assert.Single(report.Drivers.Single(driver => driver.Driver == Id).Devices!);
        Assert.Contains(report.Running!, driver => driver == new ReportedDriver(Id, "1.0.0", null));
    }

    [Fact]
    public async Task A_package_that_was_altered_on_the_disk_is_not_loaded_and_keeps_its_devices_known()
    {
        DriverPackageFile.PackSample(_source, "1.0.0");
        var first = await StartAsync();
        await InstallAsync();
        await first.DisposeAsync();
        var assembly = Path.Combine(_stage.Folder, "agent", "packages", Id, "1.0.0", "Cyborg.SamplePackage.dll");
        await File.AppendAllTextAsync(assembly, "x", Token);
        var report = await FirstReportOfAsync(await StartAsync());
        var running = Assert.Single(report.Running!, driver => driver.Id == Id);
        Assert.Contains("checksum", running.Error, StringComparison.Ordinal);
        // It is not said that it has none.
        Assert.DoesNotContain(report.Drivers, driver => driver is { Driver: Id, Devices: [] });
        await _stage.Logs.LineAsync(3103);

        // The same version again mends it.
        Assert.Null(Assert.Single((await _stage.CallAsync(Verbs.ReplaceDriver, Put())).Drivers, driver => driver.Id == Id).Error);
    }

    [Fact]
    public async Task A_call_that_comes_again_is_answered_and_another_install_conflicts()
    {
        DriverPackageFile.PackSample(_source, "1.0.0");
        await StartAsync();
        var order = Put();
        Assert.Equal("1.0.0", Version(await _stage.CallAsync(Verbs.PlaceDriver, order)));
        Assert.Equal("1.0.0", Version(await _stage.CallAsync(Verbs.PlaceDriver, order)));
        Assert.Equal(FaultCode.Conflict, (await FaultAsync(Verbs.PlaceDriver, Put())).Code);
    }

    [Fact]
    public async Task A_driver_that_comes_with_the_agent_is_neither_installed_nor_uninstalled()
    {
        DriverPackageFile.PackSample(_source, "1.0.0");
        await StartAsync(new ScriptedDriver(Id));
        Assert.Equal(FaultCode.Conflict, (await FaultAsync(Verbs.PlaceDriver, Put())).Code);
        Assert.Equal(FaultCode.Conflict, (await FaultAsync(Verbs.RemoveDriver, new RemoveDriver(Id, Guid.NewGuid()))).Code);
        Assert.Equal(FaultCode.DriverNotFound, (await FaultAsync(Verbs.RemoveDriver, new RemoveDriver("nobody", Guid.NewGuid()))).Code);
        Assert.Equal(FaultCode.DriverNotFound, (await FaultAsync(Verbs.ReplaceDriver, Put() with { Id = "nobody" })).Code);
    }

    [Fact]
    public async Task An_update_swaps_versions_and_goes_on_with_the_new_one_after_a_restart()
    {
        DriverPackageFile.PackSample(_source, "1.0.0");
        var first = await StartAsync();
        await InstallAsync();
        DriverPackageFile.PackSample(_source, "2.0.0");
        var told = await _stage.CallAsync(Verbs.ReplaceDriver, Put());
        Assert.Equal("2.0.0", Version(told));
        Assert.Equal(["2.0.0"], Versions());
        Assert.Equal(FaultCode.Conflict, (await FaultAsync(Verbs.ReplaceDriver, Put())).Code);
        await first.DisposeAsync();
        var report = await FirstReportOfAsync(await StartAsync());
        Assert.Equal($"{Id} 2.0.0", Assert.Single(report.Drivers.Single(driver => driver.Driver == Id).Devices!).VendorBoardInfo);
    }

    [Theory]
    [InlineData("BlindPackage", FaultCode.BackendFailed, "its cards cannot be seen")]
    [InlineData("ShortSightedPackage", FaultCode.BackendFailed, "does not find the device")]
    [InlineData("ThrowingPackage", FaultCode.PackageUnusable, "InvalidOperationException")]
    [InlineData("DemandingPackage", FaultCode.PackageUnusable, "the option address is missing")]
    [InlineData("MisnamedPackage", FaultCode.PackageUnusable, "another name")]
    [InlineData("Nothing", FaultCode.PackageUnusable, "is no IDriverPackage")]
    [InlineData("NotThere", FaultCode.PackageUnusable, "has no type")]
    public async Task An_update_that_fails_leaves_the_present_version_at_work(string entry, FaultCode code, string why)
    {
        DriverPackageFile.PackSample(_source, "1.0.0");
        await StartAsync();
        await InstallAsync();
        DriverPackageFile.PackSample(_source, "2.0.0", entry);
        var fault = await FaultAsync(Verbs.ReplaceDriver, Put());
        Assert.Equal(code, fault.Code);
        Assert.Contains(why, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", fault.Message, StringComparison.Ordinal);
        Assert.Equal(["1.0.0"], Versions());
        var told = await _stage.CallAsync(Verbs.AskServices, new AskServices());
        Assert.Equal("1.0.0", Version(told));
        Assert.True(Assert.Single(told.Services).Up);
    }

    [Fact]
    public async Task An_install_whose_driver_finds_nothing_out_leaves_nothing_behind()
    {
        DriverPackageFile.PackSample(_source, "1.0.0", "BlindPackage");
        await StartAsync();
        Assert.Equal(FaultCode.BackendFailed, (await FaultAsync(Verbs.PlaceDriver, Put())).Code);
        Assert.Empty(Versions());
        Assert.Empty((await _stage.CallAsync(Verbs.AskServices, new AskServices())).Drivers);
        Assert.False(File.Exists(Path.Combine(_stage.Folder, "agent", PackagesFile.Name)));
    }

    [Fact]
    public async Task An_uninstalled_driver_has_given_its_devices_back_and_is_gone_for_good()
    {
        DriverPackageFile.PackSample(_source, "1.0.0");
        var first = await StartAsync();
        await InstallAsync();
        await _stage.ReportAsync();
        var order = new RemoveDriver(Id, Guid.NewGuid());
        Assert.Empty((await _stage.CallAsync(Verbs.RemoveDriver, order)).Drivers);
        Assert.Empty((await _stage.CallAsync(Verbs.RemoveDriver, order)).Drivers);
        Assert.Equal(FaultCode.DriverNotFound, (await FaultAsync(Verbs.RemoveDriver, new RemoveDriver(Id, Guid.NewGuid()))).Code);
        var state = Path.Combine(_stage.Folder, "agent", "drivers", Id);
        Assert.Equal("""{"card": "c1"}""", (await File.ReadAllTextAsync(Path.Combine(state, "given-back"), Token)).Trim());
        Assert.Equal("x", await File.ReadAllTextAsync(Path.Combine(state, "ended"), Token));
        Assert.Empty(Versions());
        Assert.DoesNotContain((await _stage.ReportAsync()).Drivers, driver => driver.Driver == Id);
        await first.DisposeAsync();
        Assert.DoesNotContain((await FirstReportOfAsync(await StartAsync())).Drivers, driver => driver.Driver == Id);
    }

    [Fact]
    public async Task A_driver_that_does_not_give_a_device_back_stays()
    {
        DriverPackageFile.PackSample(_source, "1.0.0", "ClingingPackage");
        await StartAsync();
        await InstallAsync();
        await _stage.ReportAsync();
        var fault = await FaultAsync(Verbs.RemoveDriver, new RemoveDriver(Id, Guid.NewGuid()));
        Assert.Equal(FaultCode.BackendFailed, fault.Code);
        Assert.Contains("it will not let go", fault.Message, StringComparison.Ordinal);
        Assert.Equal(["1.0.0"], Versions());
        Assert.Equal("1.0.0", Version(await _stage.CallAsync(Verbs.AskServices, new AskServices())));
    }

    [Fact]
    public async Task Services_are_asked_of_every_driver_and_one_that_cannot_tell_keeps_no_other_from_it()
    {
        var blind = new ScriptedDriver("blind") { OnDiscover = _ => throw new DriverException("the rack is off.") };
        var broken = new ScriptedDriver("broken") { OnDiscover = _ => throw new InvalidOperationException("a secret of the driver") };
        await StartAsync(blind, broken, new ScriptedDriver("good", ScriptedDriver.Device("01")));
        var services = (await _stage.CallAsync(Verbs.AskServices, new AskServices())).Services;
        Assert.Equal(
            [
                new ReportedService("blind", "blind", null, Up: false, 0, "the rack is off."),
                new ReportedService("broken", "broken", null, Up: false, 0, "it broke; the agent's log says how."),
                new ReportedService("good", "good", "fpga", Up: true, 1, null),
            ],
            services);
    }

    private static bool IsShared(System.Reflection.Assembly assembly) =>
        System.Runtime.Loader.AssemblyLoadContext.GetLoadContext(assembly) == System.Runtime.Loader.AssemblyLoadContext.Default;

    private async Task<AgentRoom> StartAsync(params IAcceleratorDriver[] drivers)
    {
        if (!_conductor)
            await _stage.StartConductorAsync();
        _conductor = true;
        var agent = _stage.Agent(_stage.Options() with { Packages = new PackageOptions { Source = _source } }, drivers);
        await agent.StartAsync(Token);
        await agent.FirstReport.Soon();
        if (!_first)
            return agent;
        _first = false;
        await _stage.ReportAsync();
        return agent;
    }

    private bool _conductor;
    private bool _first = true;

    /// <summary>Of a former start's agent there may be some that nobody has read.</summary>
    private async Task<ReportInventory> FirstReportOfAsync(AgentRoom agent)
    {
        while (true)
        {
            var report = await _stage.ReportAsync();
            if (report.Agent.BootId == agent.BootId)
                return report;
        }
    }

    private Task<HostDrivers> InstallAsync() => _stage.CallAsync(Verbs.PlaceDriver, Put());

    private static PutDriver Put() => new(Id, null, null, Guid.NewGuid());

    private static string? Version(HostDrivers told) => Assert.Single(told.Drivers, driver => driver.Id == Id).Version;

    private async Task<FaultException> FaultAsync<TRequest, TReply>(Verb<TRequest, TReply> verb, TRequest request) =>
        await Assert.ThrowsAsync<FaultException>(() => _stage.CallAsync(verb, request));

    private IEnumerable<string> Versions()
    {
        var folder = Path.Combine(_stage.Folder, "agent", "packages", Id);
        return Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).Select(version => Path.GetFileName(version)) : [];
    }
}
