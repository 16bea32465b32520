using System.Text.Json;
using Cyborg.Model;

namespace Cyborg.Drivers.Tests;

/// <summary>What every driver must do. A new driver's tests derive from this and give it a host with at least one device.</summary>
public abstract class DriverContractSuite
{
    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes the driver anew, on the same host.</summary>
    protected abstract IAcceleratorDriver Create();

    [Fact]
    public void The_name_is_an_entry_name() => Assert.Matches("^[a-z][a-z0-9_]*$", Create().Name);

    [Fact]
    public async Task Discovery_finds_a_device() => Assert.NotEmpty((await Create().DiscoverAsync(Token)).Devices);

    [Fact]
    public async Task Discovery_gives_the_same_bytes_each_time_and_after_a_restart()
    {
        var driver = Create();
        var first = Bytes(await driver.DiscoverAsync(Token));
        Assert.Equal(first, Bytes(await driver.DiscoverAsync(Token)));
        Assert.Equal(first, Bytes(await Create().DiscoverAsync(Token)));
    }

    [Fact]
    public async Task Every_device_obeys_the_rules() =>
        Assert.All((await Create().DiscoverAsync(Token)).Devices, device => Assert.Null(DeviceRules.Fault(device)));

    [Fact]
    public async Task Control_paths_and_deployable_names_are_unique()
    {
        var devices = (await Create().DiscoverAsync(Token)).Devices;
        Assert.Distinct(devices.Select(device => device.ControlPath));
        Assert.Distinct(devices.SelectMany(device => device.Deployables).Select(deployable => deployable.Name));
    }

    [Fact]
    public async Task Attach_infos_are_short_json_and_not_given_out_twice()
    {
        var handles = (await Create().DiscoverAsync(Token)).Devices.SelectMany(device => device.Deployables).SelectMany(deployable => deployable.AttachHandles).ToList();
        Assert.NotEmpty(handles);
        Assert.Distinct(handles);
        Assert.All(handles, handle =>
        {
            Assert.InRange(handle.Info.Length, 2, 255);
            using var info = JsonDocument.Parse(handle.Info);
            foreach (var key in new[] { "bus", "device", "domain", "function" })
                Assert.Equal(JsonValueKind.String, info.RootElement.GetProperty(key).ValueKind);
        });
    }

    [Fact]
    public async Task There_is_a_handle_for_every_accelerator() =>
        Assert.All(
            (await Create().DiscoverAsync(Token)).Devices.SelectMany(device => device.Deployables),
            deployable => Assert.Equal(deployable.NumAccelerators, deployable.AttachHandles.Count));

    [Fact]
    public async Task Resource_classes_and_traits_are_names_that_placement_takes() =>
        Assert.All((await Create().DiscoverAsync(Token)).Devices.SelectMany(device => device.Deployables), deployable =>
        {
            Assert.Distinct(deployable.Attributes.Select(attribute => attribute.Key));
            Assert.True(PlacementNames.IsResourceClass(Assert.Single(deployable.Attributes, attribute => attribute.Key == "rc").Value));
            Assert.All(
                deployable.Attributes.Where(attribute => attribute.Key.StartsWith("trait", StringComparison.Ordinal)),
                attribute => Assert.True(PlacementNames.IsTrait(attribute.Value), attribute.Value));
        });

    [Fact]
    public async Task Install_and_uninstall_may_be_repeated()
    {
        var driver = Create();
        var device = (await driver.DiscoverAsync(Token)).Devices[0].ControlPath;
        Assert.Equal(DriverOutcome.Done, await driver.InstallAsync(device, Token));
        Assert.Equal(DriverOutcome.Done, await driver.InstallAsync(device, Token));
        Assert.Equal(DriverOutcome.Done, await driver.ProbeAsync(device, Token));
        Assert.Equal(DriverOutcome.Done, await driver.UninstallAsync(device, Token));
        Assert.Equal(DriverOutcome.Done, await driver.UninstallAsync(device, Token));
    }

    [Fact]
    public async Task Attach_and_detach_may_be_repeated_and_detach_needs_no_attach()
    {
        var driver = Create();
        var device = (await driver.DiscoverAsync(Token)).Devices[0];
        var (handle, arq, next) = (device.Deployables[0].AttachHandles[0], Guid.NewGuid(), Guid.NewGuid());
        Assert.Equal(DriverOutcome.Done, await driver.DetachAsync(device.ControlPath, handle, arq, Token));
        Assert.Equal(DriverOutcome.Done, await driver.AttachAsync(device.ControlPath, handle, arq, Token));
        Assert.Equal(DriverOutcome.Done, await driver.AttachAsync(device.ControlPath, handle, arq, Token));
        Assert.Equal(DriverOutcome.Done, await driver.DetachAsync(device.ControlPath, handle, arq, Token));
        Assert.Equal(DriverOutcome.Done, await driver.DetachAsync(device.ControlPath, handle, arq, Token));
        Assert.Equal(DriverOutcome.Done, await driver.AttachAsync(device.ControlPath, handle, next, Token));
        Assert.Equal(DriverOutcome.Done, await driver.DetachAsync(device.ControlPath, handle, next, Token));
    }

    [Fact]
    public async Task Different_handles_of_a_device_are_attached_at_once()
    {
        var driver = Create();
        var device = (await driver.DiscoverAsync(Token)).Devices.MaxBy(device => device.Deployables.Sum(deployable => deployable.AttachHandles.Count))!;
        var all = device.Deployables.SelectMany(deployable => deployable.AttachHandles).Select(handle => (Handle: handle, Arq: Guid.NewGuid())).ToList();
        var attached = await Task.WhenAll(all.Select(one => driver.AttachAsync(device.ControlPath, one.Handle, one.Arq, Token)));
        Assert.All(attached, outcome => Assert.Equal(DriverOutcome.Done, outcome));
        var detached = await Task.WhenAll(all.Select(one => driver.DetachAsync(device.ControlPath, one.Handle, one.Arq, Token)));
        Assert.All(detached, outcome => Assert.Equal(DriverOutcome.Done, outcome));
    }

    [Fact]
    public async Task Detach_works_after_a_restart_and_before_any_discovery()
    {
        var device = (await Create().DiscoverAsync(Token)).Devices[0];
        var (handle, arq) = (device.Deployables[0].AttachHandles[0], Guid.NewGuid());
        Assert.Equal(DriverOutcome.Done, await Create().AttachAsync(device.ControlPath, handle, arq, Token));
        Assert.Equal(DriverOutcome.Done, await Create().DetachAsync(device.ControlPath, handle, arq, Token));
    }

    [Fact]
    public async Task Install_works_before_any_discovery()
    {
        var device = (await Create().DiscoverAsync(Token)).Devices[0].ControlPath;
        Assert.Equal(DriverOutcome.Done, await Create().InstallAsync(device, Token));
    }

    [Theory]
    [InlineData("""{"bus": "fe", "device": "1f", "domain": "fffe", "function": "7"}""")]
    [InlineData("""{"bus": "84"}""")]
    [InlineData("[]")]
    [InlineData("no json")]
    public async Task A_device_that_is_not_there_fails_with_a_reason(string info)
    {
        var driver = Create();
        var device = new DriverControlPath("PCI", info);
        foreach (var outcome in new[] { await driver.InstallAsync(device, Token), await driver.ProbeAsync(device, Token) })
        {
            Assert.Equal(DriverOutcomeKind.Failed, outcome.Kind);
            Assert.False(string.IsNullOrWhiteSpace(outcome.Reason));
        }
    }

    [Fact]
    public async Task Programming_without_an_image_does_not_claim_success()
    {
        var driver = Create();
        var device = (await driver.DiscoverAsync(Token)).Devices[0].ControlPath;
        var outcome = await driver.ProgramAsync(device, Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString()), Token);
        Assert.False(outcome.Worked);
        Assert.False(string.IsNullOrWhiteSpace(outcome.Reason));
    }

    [Fact]
    public async Task A_cancelled_discovery_or_install_ends_at_once()
    {
        var driver = Create();
        var device = (await driver.DiscoverAsync(Token)).Devices[0].ControlPath;
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => driver.DiscoverAsync(cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => driver.InstallAsync(device, cancelled));
    }

    protected static string Bytes(DriverFindings findings) => JsonSerializer.Serialize(findings);
}
