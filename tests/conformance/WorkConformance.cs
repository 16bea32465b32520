using Cyborg.Model;

namespace Cyborg.Drivers.Conformance;

/// <summary>What every driver promises about its work on devices and handles.</summary>
public abstract class WorkConformance(DriverBench bench) : DriverSuite(bench)
{
    [Fact]
    public async Task Install_and_uninstall_may_be_repeated()
    {
        var (driver, devices) = await FindAsync();
        var device = devices[0].ControlPath;
        Worked(await driver.InstallAsync(device, Token));
        Worked(await driver.InstallAsync(device, Token));
        Worked(await driver.ProbeAsync(device, Token));
        Worked(await driver.UninstallAsync(device, Token));
        Worked(await driver.UninstallAsync(device, Token));
    }

    [Fact]
    public async Task Install_works_after_a_restart_and_before_any_discovery()
    {
        var (_, devices) = await FindAsync();
        Worked(await Bench.Create().InstallAsync(devices[0].ControlPath, Token));
    }

    [Fact]
    public async Task Different_devices_are_installed_at_once()
    {
        var (driver, devices) = await FindAsync();
        foreach (var outcome in await Task.WhenAll(devices.Take(16).Select(device => driver.InstallAsync(device.ControlPath, Token))))
            Worked(outcome);
    }

    [Fact]
    public async Task A_device_that_is_not_there_fails_with_a_reason()
    {
        var driver = Bench.Create();
        DidNotWork(await driver.InstallAsync(Bench.Absent, Token));
        DidNotWork(await driver.ProbeAsync(Bench.Absent, Token));
    }

    /// <summary>Such texts come from a database, and from drivers that were there before.</summary>
    [Theory]
    [InlineData("""{"bus": "84"}""")]
    [InlineData("""{"bus": 84, "device": null, "domain": [], "function": {}}""")]
    [InlineData("""{"bus": "../..", "device": "00", "domain": "0000", "function": "0"}""")]
    [InlineData("""{"accelerator": "../x", "backend": ".."}""")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("no json")]
    public async Task An_odd_device_fails_with_a_reason(string info)
    {
        var driver = Bench.Create();
        var device = new DriverControlPath("PCI", info);
        DidNotWork(await driver.InstallAsync(device, Token));
        DidNotWork(await driver.ProbeAsync(device, Token));
    }

    [Theory]
    [InlineData(AttachHandleType.PCI, "[]")]
    [InlineData(AttachHandleType.PCI, "no json")]
    [InlineData(AttachHandleType.MDEV, "{}")]
    [InlineData(AttachHandleType.MDEV, """{"asked_type": "../../..", "bus": "84", "device": "00", "domain": "0000", "function": "0", "vgpu_mark": "x"}""")]
    [InlineData(AttachHandleType.TEST_PCI, "")]
    public async Task An_odd_handle_breaks_nothing(AttachHandleType type, string info)
    {
        var (driver, devices) = await FindAsync();
        var before = Bytes(await driver.DiscoverAsync(Token));
        var handle = new DriverAttachHandle(type, info, HostWork: true);
        var attached = await driver.AttachAsync(devices[0].ControlPath, handle, NewUse(), Token);
        if (!attached.Worked)
            DidNotWork(attached);
        _ = await driver.DetachAsync(devices[0].ControlPath, handle, NewUse(), Token);
        Assert.Equal(before, Bytes(await driver.DiscoverAsync(Token)));
    }

    [Fact]
    public async Task Attach_and_detach_may_be_repeated_and_detach_needs_no_attach()
    {
        var (driver, devices) = await FindAsync();
        var (device, handle) = FirstHandle(devices);
        var use = NewUse();
        var next = use with { Arq = Guid.NewGuid() };
        Worked(await driver.DetachAsync(device, handle, use, Token));
        Worked(await driver.AttachAsync(device, handle, use, Token));
        Worked(await driver.AttachAsync(device, handle, use, Token));
        Worked(await driver.DetachAsync(device, handle, use, Token));
        Worked(await driver.DetachAsync(device, handle, use, Token));
        Worked(await driver.AttachAsync(device, handle, next, Token));
        Worked(await driver.DetachAsync(device, handle, next, Token));
    }

    [Fact]
    public async Task Attach_and_detach_go_on_after_a_restart_and_before_any_discovery()
    {
        var (_, devices) = await FindAsync();
        var (device, handle) = FirstHandle(devices);
        var use = NewUse();
        Worked(await Bench.Create().AttachAsync(device, handle, use, Token));
        Worked(await Bench.Create().AttachAsync(device, handle, use, Token));
        Worked(await Bench.Create().DetachAsync(device, handle, use, Token));
        Worked(await Bench.Create().DetachAsync(device, handle, use, Token));
    }

    [Fact]
    public async Task Different_handles_are_attached_at_once_and_discovery_sees_the_same_devices_all_the_time()
    {
        var (driver, devices) = await FindAsync();
        var before = Bytes(await driver.DiscoverAsync(Token));
        var device = devices.MaxBy(device => device.Deployables.Sum(deployable => deployable.AttachHandles.Count))!;
        var all = device.Deployables.SelectMany(deployable => deployable.AttachHandles).Select(handle => (Handle: handle, Use: NewUse())).ToList();
        var attaching = Task.WhenAll(all.Select(one => driver.AttachAsync(device.ControlPath, one.Handle, one.Use, Token)));
        while (!attaching.IsCompleted)
            Assert.Equal(before, Bytes(await driver.DiscoverAsync(Token)));
        foreach (var outcome in await attaching)
            Worked(outcome);
        Assert.Equal(before, Bytes(await driver.DiscoverAsync(Token)));
        var detaching = Task.WhenAll(all.Select(one => driver.DetachAsync(device.ControlPath, one.Handle, one.Use, Token)));
        while (!detaching.IsCompleted)
            Assert.Equal(before, Bytes(await driver.DiscoverAsync(Token)));
        foreach (var outcome in await detaching)
            Worked(outcome);
        Assert.Equal(before, Bytes(await driver.DiscoverAsync(Token)));
    }

    [Fact]
    public async Task What_another_request_has_is_neither_attached_nor_detached()
    {
        var (driver, devices) = await FindAsync();
        var (device, handle) = FirstHandle(devices);
        var holder = NewUse();
        var other = holder with { Arq = Guid.NewGuid() };
        if (!handle.HostWork || !Bench.TellsRequestsApart)
            return;
        Worked(await driver.AttachAsync(device, handle, holder, Token));
        DidNotWork(await driver.AttachAsync(device, handle, other, Token));
        DidNotWork(await driver.DetachAsync(device, handle, other, Token));
        Worked(await driver.AttachAsync(device, handle, holder, Token));
        Worked(await driver.DetachAsync(device, handle, holder, Token));
        Worked(await driver.AttachAsync(device, handle, other, Token));
        Worked(await driver.DetachAsync(device, handle, other, Token));
    }

    [Fact]
    public async Task A_failed_attach_leaves_nothing_behind_and_a_failed_detach_works_later()
    {
        var (driver, devices) = await FindAsync();
        var (device, handle) = FirstHandle(devices);
        var (use, next) = (NewUse(), NewUse());
        if (!Bench.Occupy())
            return;
        DidNotWork(await Bench.AfterChange(driver).AttachAsync(device, handle, use, Token));
        Bench.Calm();
        driver = Bench.AfterChange(driver);
        Worked(await driver.AttachAsync(device, handle, next, Token));
        Bench.Occupy();
        DidNotWork(await Bench.AfterChange(driver).DetachAsync(device, handle, next, Token));
        Bench.Calm();
        driver = Bench.AfterChange(driver);
        Worked(await driver.DetachAsync(device, handle, next, Token));
        Worked(await driver.AttachAsync(device, handle, use, Token));
        Worked(await driver.DetachAsync(device, handle, use, Token));
    }

    /// <summary>A release would wait for ever for a card that was pulled out.</summary>
    [Fact]
    public async Task A_handle_of_a_device_that_has_vanished_can_be_detached()
    {
        Bench.PlugIn();
        var driver = Bench.Create();
        var all = (await driver.DiscoverAsync(Token)).Devices;
        Bench.PullOut();
        var left = (await Bench.Create().DiscoverAsync(Token)).Devices.Select(device => device.ControlPath).ToHashSet();
        Bench.PlugIn();
        driver = Bench.AfterChange(driver);
        var gone = all.First(device => !left.Contains(device.ControlPath));
        var handle = gone.Deployables[0].AttachHandles[0];
        var use = NewUse();
        Worked(await driver.AttachAsync(gone.ControlPath, handle, use, Token));
        Bench.PullOut();
        var after = Bench.AfterChange(driver);
        if (ReferenceEquals(after, driver))
            Worked(await after.DetachAsync(gone.ControlPath, handle, use, Token));
        Assert.DoesNotContain((await after.DiscoverAsync(Token)).Devices, device => device.ControlPath == gone.ControlPath);
    }

    [Fact]
    public async Task Programming_without_an_image_does_not_claim_success()
    {
        var (driver, devices) = await FindAsync();
        DidNotWork(await driver.ProgramAsync(devices[0].ControlPath, Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString()), Token));
    }

    [Fact]
    public async Task Cancelled_work_ends_at_once_and_does_nothing()
    {
        var (driver, devices) = await FindAsync();
        var before = Bytes(await driver.DiscoverAsync(Token));
        var (device, handle) = FirstHandle(devices);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => driver.InstallAsync(device, Cancelled));
        if (handle.HostWork)
        {
            var use = NewUse();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => driver.AttachAsync(device, handle, use, Cancelled));
            // Had it been attached, another request could not have it.
            Worked(await driver.AttachAsync(device, handle, use with { Arq = Guid.NewGuid() }, Token));
        }
        Assert.Equal(before, Bytes(await driver.DiscoverAsync(Token)));
    }
}
