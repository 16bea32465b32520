using System.Text.Json;
using Cyborg.Model;

namespace Cyborg.Drivers.Conformance;

/// <summary>What every driver promises about what it finds.</summary>
public abstract class DiscoveryConformance(DriverBench bench) : DriverSuite(bench)
{
    [Fact]
    public void The_name_is_an_entry_name() => Assert.Matches("^[a-z][a-z0-9_]{0,63}$", Bench.Create().Name);

    [Fact]
    public async Task The_bench_has_two_devices_with_a_handle_each()
    {
        var (_, devices) = await FindAsync();
        Assert.InRange(devices.Count, 2, int.MaxValue);
        Assert.All(devices, device => Assert.NotEmpty(device.Deployables.SelectMany(deployable => deployable.AttachHandles)));
    }

    [Fact]
    public async Task Discovery_gives_the_same_bytes_each_time_and_after_a_restart()
    {
        var driver = Bench.Create();
        var first = Bytes(await driver.DiscoverAsync(Token));
        Assert.Equal(first, Bytes(await driver.DiscoverAsync(Token)));
        Assert.Equal(first, Bytes(await Bench.Create().DiscoverAsync(Token)));
    }

    [Fact]
    public async Task Every_device_obeys_the_rules() =>
        Assert.All((await FindAsync()).Devices, device => Assert.Null(DeviceRules.Fault(device)));

    [Fact]
    public async Task Control_paths_and_deployable_names_are_unique()
    {
        var (_, devices) = await FindAsync();
        Assert.Distinct(devices.Select(device => device.ControlPath));
        Assert.Distinct(devices.SelectMany(device => device.Deployables).Select(deployable => deployable.Name));
    }

    [Fact]
    public async Task Texts_fit_where_they_are_kept()
    {
        var (_, devices) = await FindAsync();
        Assert.All(devices, device =>
        {
            Assert.InRange(device.Vendor.Length, 1, 255);
            Assert.InRange(device.Model.Length, 1, 255);
            Assert.InRange(device.ControlPath.CpidInfo.Length, 2, DeviceRules.MaxInfo);
            Assert.InRange(device.StdBoardInfo?.Length ?? 0, 0, 65535);
            Assert.InRange(device.VendorBoardInfo?.Length ?? 0, 0, 65535);
        });
        Assert.All(devices.SelectMany(device => device.Deployables), deployable =>
        {
            Assert.InRange(deployable.Name.Length, 1, DeviceRules.MaxName);
            Assert.All(deployable.Attributes, attribute => Assert.InRange(attribute.Key.Length, 1, 255));
            Assert.All(deployable.Attributes, attribute => Assert.InRange(attribute.Value.Length, 1, 65535));
        });
    }

    [Fact]
    public async Task Attach_infos_are_short_json_and_not_given_out_twice()
    {
        var handles = (await FindAsync()).Devices.SelectMany(device => device.Deployables).SelectMany(deployable => deployable.AttachHandles).ToList();
        Assert.Distinct(handles);
        Assert.All(handles, handle =>
        {
            Assert.InRange(handle.Info.Length, 2, DeviceRules.MaxInfo);
            using var info = JsonDocument.Parse(handle.Info);
            Assert.Equal(JsonValueKind.Object, info.RootElement.ValueKind);
            // The hypervisor reads the address of these.
            if (handle.Type is AttachHandleType.PCI or AttachHandleType.MDEV)
                Assert.True(PciAddress.TryParseInfo(handle.Info, out _), handle.Info);
        });
    }

    [Fact]
    public async Task There_is_a_handle_for_every_accelerator() =>
        Assert.All(
            (await FindAsync()).Devices.SelectMany(device => device.Deployables),
            deployable => Assert.Equal(deployable.NumAccelerators, deployable.AttachHandles.Count));

    [Fact]
    public async Task Resource_classes_and_traits_are_names_that_placement_takes() =>
        Assert.All((await FindAsync()).Devices.SelectMany(device => device.Deployables), deployable =>
        {
            Assert.Distinct(deployable.Attributes.Select(attribute => attribute.Key));
            Assert.True(PlacementNames.IsResourceClass(Assert.Single(deployable.Attributes, attribute => attribute.Key == "rc").Value));
            var traits = deployable.Attributes.Where(attribute => attribute.Key.StartsWith("trait", StringComparison.Ordinal)).Select(attribute => attribute.Value).ToList();
            Assert.Distinct(traits);
            Assert.All(traits, trait => Assert.True(PlacementNames.IsTrait(trait), trait));
        });

    [Fact]
    public async Task A_device_that_appears_and_vanishes_changes_nothing_about_the_others()
    {
        var driver = Bench.Create();
        var before = (await driver.DiscoverAsync(Token)).Devices.Select(Bytes).ToHashSet();
        Bench.PlugIn();
        driver = Bench.AfterChange(driver);
        var more = (await driver.DiscoverAsync(Token)).Devices.Select(Bytes).ToHashSet();
        Assert.True(more.IsProperSupersetOf(before));
        Bench.PullOut();
        driver = Bench.AfterChange(driver);
        Assert.Equal(before.Order(), (await driver.DiscoverAsync(Token)).Devices.Select(Bytes).Order());
        Bench.PlugIn();
        driver = Bench.AfterChange(driver);
        Assert.Equal(more.Order(), (await driver.DiscoverAsync(Token)).Devices.Select(Bytes).Order());
    }

    /// <summary>An empty answer would mean that every device has been pulled out.</summary>
    [Fact]
    public async Task A_driver_that_cannot_see_says_so_and_does_not_answer_that_nothing_is_there()
    {
        var driver = Bench.Create();
        var before = Bytes(await driver.DiscoverAsync(Token));
        Bench.Blind();
        driver = Bench.AfterChange(driver);
        Assert.False(string.IsNullOrWhiteSpace((await Assert.ThrowsAsync<DriverException>(() => driver.DiscoverAsync(Token))).Message));
        await Assert.ThrowsAsync<DriverException>(() => Bench.Create().DiscoverAsync(Token));
        Bench.Unblind();
        Assert.Equal(before, Bytes(await Bench.AfterChange(driver).DiscoverAsync(Token)));
    }

    [Fact]
    public async Task A_cancelled_discovery_ends_at_once() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Bench.Create().DiscoverAsync(Cancelled));

    [Fact]
    public async Task Services_are_named_for_each_backend_and_a_blind_backend_is_told()
    {
        var driver = Bench.Create();
        var backends = DriverServices.BackendsOf(driver);
        Assert.NotEmpty(backends);
        Assert.Distinct(backends.Select(backend => backend.Name));
        Assert.All(backends, backend => Assert.Matches("^[A-Za-z0-9._-]{1,64}$", backend.Name));
        var services = await DriverServices.DiscoverAsync(driver, Token);
        Assert.Equal(backends, services.Select(service => service.Backend));
        Assert.All(services, service => Assert.Null(service.Fault));
        Assert.NotEmpty(services.SelectMany(service => service.Services));
        Assert.All(services.SelectMany(service => service.Services), service =>
        {
            Assert.Equal(service.Function.ToLowerInvariant(), service.Function);
            Assert.InRange(service.Accelerators, 1, int.MaxValue);
        });
        Bench.Blind();
        var blind = await DriverServices.DiscoverAsync(Bench.AfterChange(driver), Token);
        Assert.Contains(blind, service => !string.IsNullOrWhiteSpace(service.Fault) && service.Services.Count == 0);
    }

    [Fact]
    public async Task Every_device_is_of_one_of_the_backends()
    {
        var (driver, devices) = await FindAsync();
        if (driver is not IBackendDriver backends)
            return;
        var names = backends.Backends.Select(backend => backend.Name).ToList();
        Assert.All(devices, device => Assert.Contains(backends.BackendOf(device.ControlPath), names));
        // A restart changes nothing about that, before any discovery either.
        var anew = (IBackendDriver)Bench.Create();
        Assert.All(devices, device => Assert.Equal(backends.BackendOf(device.ControlPath), anew.BackendOf(device.ControlPath)));
    }
}
