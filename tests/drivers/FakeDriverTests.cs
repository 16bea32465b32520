using Cyborg.Drivers.Fake;
using Cyborg.Model;

namespace Cyborg.Drivers.Tests;

public sealed class FakeDriverTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Upstream's device, byte for byte: these texts are identity keys of clouds that exist.</summary>
    [Fact]
    public async Task The_default_device_is_upstreams_byte_for_byte()
    {
        var found = await Fake(new FakeDriverOptions { Host = "compute1" }).DiscoverAsync(Token);
        Assert.Empty(found.Problems);
        var device = Assert.Single(found.Devices);
        Assert.Equal("0xABCD", device.Vendor);
        Assert.Equal("miss model info", device.Model);
        Assert.Equal(DeviceType.FPGA, device.Type);
        Assert.False(device.Stub);
        Assert.Equal("""{"device_id": "0xabcd", "class": "Fake class"}""", device.StdBoardInfo);
        Assert.Equal("fake_vendor_info", device.VendorBoardInfo);
        Assert.Equal(new DriverControlPath("PCI", """{"domain":"0000","bus":"0c","device":"00","function":"0"}"""), device.ControlPath);
        var deployable = Assert.Single(device.Deployables);
        Assert.Equal("compute1_FakeDevice", deployable.Name);
        Assert.Equal("fake", deployable.DriverName);
        Assert.Equal(16, deployable.NumAccelerators);
        Assert.Equal([new DriverAttribute("traits1", "CUSTOM_FAKE_DEVICE"), new DriverAttribute("rc", "FPGA")], deployable.Attributes);
        Assert.Equal(Enumerable.Repeat(AttachHandleType.TEST_PCI, 16), deployable.AttachHandles.Select(handle => handle.Type));
        Assert.Equal(
            [
                """{"domain": "0000", "bus": "0c", "device": "0", "function": "1"}""",
                """{"domain": "0000", "bus": "0c", "device": "0", "function": "2"}""",
                """{"domain": "0000", "bus": "0c", "device": "0", "function": "3"}""",
                """{"domain": "0000", "bus": "0c", "device": "0", "function": "4"}""",
                """{"domain": "0000", "bus": "0c", "device": "0", "function": "5"}""",
                """{"domain": "0000", "bus": "0c", "device": "0", "function": "6"}""",
                """{"domain": "0000", "bus": "0c", "device": "0", "function": "7"}""",
                """{"domain": "0000", "bus": "0c", "device": "1", "function": "0"}""",
                """{"domain": "0000", "bus": "0c", "device": "1", "function": "1"}""",
                """{"domain": "0000", "bus": "0c", "device": "1", "function": "2"}""",
                """{"domain": "0000", "bus": "0c", "device": "1", "function": "3"}""",
                """{"domain": "0000", "bus": "0c", "device": "1", "function": "4"}""",
                """{"domain": "0000", "bus": "0c", "device": "1", "function": "5"}""",
                """{"domain": "0000", "bus": "0c", "device": "1", "function": "6"}""",
                """{"domain": "0000", "bus": "0c", "device": "1", "function": "7"}""",
                """{"domain": "0000", "bus": "0c", "device": "2", "function": "0"}""",
            ],
            deployable.AttachHandles.Select(handle => handle.Info));
    }

    [Theory]
    [InlineData("node-1_a", "node-1_a_FakeDevice")]
    [InlineData("node 1.example.org", "node_1_example_org_FakeDevice")]
    [InlineData("kölner:[::1]", "k_lner____1__FakeDevice")]
    public async Task Odd_characters_of_the_host_become_underscores(string host, string name)
    {
        var found = await Fake(new FakeDriverOptions { Host = host }).DiscoverAsync(Token);
        Assert.Equal(name, found.Devices[0].Deployables[0].Name);
    }

    [Fact]
    public async Task Further_devices_have_names_and_addresses_of_their_own_and_the_first_stays_as_it_is()
    {
        var one = (await Fake(new FakeDriverOptions { Host = "h" }).DiscoverAsync(Token)).Devices;
        var many = (await Fake(new FakeDriverOptions { Host = "h", Devices = 246 }).DiscoverAsync(Token)).Devices;
        Assert.Equivalent(one[0], many[0], strict: true);
        Assert.Equal("h_FakeDevice_1", many[1].Deployables[0].Name);
        Assert.Equal("""{"domain":"0000","bus":"0d","device":"00","function":"0"}""", many[1].ControlPath.CpidInfo);
        Assert.Equal("""{"domain": "0000", "bus": "0d", "device": "0", "function": "1"}""", many[1].Deployables[0].AttachHandles[0].Info);
        Assert.Equal("""{"domain":"0000","bus":"ff","device":"00","function":"0"}""", many[243].ControlPath.CpidInfo);
        Assert.Equal("""{"domain":"0001","bus":"0c","device":"00","function":"0"}""", many[244].ControlPath.CpidInfo);
    }

    [Fact]
    public async Task The_number_of_handles_is_an_option()
    {
        var deployable = (await Fake(new FakeDriverOptions { Host = "h", Handles = 3 }).DiscoverAsync(Token)).Devices[0].Deployables[0];
        Assert.Equal(3, deployable.NumAccelerators);
        Assert.Equal(3, deployable.AttachHandles.Count);
    }

    [Fact]
    public async Task It_can_have_no_device() =>
        Assert.Empty((await Fake(new FakeDriverOptions { Host = "h", Devices = 0 }).DiscoverAsync(Token)).Devices);

    [Fact]
    public async Task Each_operation_can_be_told_to_fail()
    {
        var healthy = Fake(new FakeDriverOptions { Host = "h" });
        var found = (await healthy.DiscoverAsync(Token)).Devices[0];
        var (device, handle) = (found.ControlPath, found.Deployables[0].AttachHandles[0]);
        var broken = Fake(new FakeDriverOptions { Host = "h", Fail = Enum.GetValues<FakeOperation>() });
        await Assert.ThrowsAsync<DriverException>(() => broken.DiscoverAsync(Token));
        var image = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(image, "bits", Token);
            Assert.True((await healthy.ProgramAsync(device, image, Token)).Worked);
            foreach (var outcome in new[]
            {
                await broken.InstallAsync(device, Token), await broken.UninstallAsync(device, Token),
                await broken.ProgramAsync(device, image, Token), await broken.ProbeAsync(device, Token),
                await broken.AttachAsync(device, handle, NewUse(), Token), await broken.DetachAsync(device, handle, NewUse(), Token),
            })
                Assert.Equal(DriverOutcomeKind.Failed, outcome.Kind);
        }
        finally
        {
            File.Delete(image);
        }
    }

    [Fact]
    public async Task Programming_an_empty_image_or_a_folder_fails()
    {
        var fake = Fake(new FakeDriverOptions { Host = "h" });
        var device = (await fake.DiscoverAsync(Token)).Devices[0].ControlPath;
        var image = Path.GetTempFileName();
        Assert.False((await fake.ProgramAsync(device, image, Token)).Worked);
        File.Delete(image);
        Assert.False((await fake.ProgramAsync(device, Path.GetTempPath(), Token)).Worked);
    }

    [Fact]
    public async Task A_delay_can_be_cancelled()
    {
        var slow = Fake(new FakeDriverOptions { Host = "h", Delay = TimeSpan.FromDays(1) });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var discovery = slow.DiscoverAsync(stop.Token);
        Assert.False(discovery.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => discovery);
    }

    [Fact]
    public async Task Host_work_is_an_option_of_every_handle()
    {
        Assert.All(await HandlesAsync(new FakeDriverOptions { Host = "h" }), handle => Assert.False(handle.HostWork));
        Assert.All(await HandlesAsync(new FakeDriverOptions { Host = "h", HostWork = true }), handle => Assert.True(handle.HostWork));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_handle_that_another_request_has_is_neither_attached_nor_detached(bool onDisk)
    {
        var hardware = Directory.CreateTempSubdirectory("cyborg-fake-").FullName;
        try
        {
            var fake = Fake(new FakeDriverOptions { Host = "h", HostWork = true, AttachPath = onDisk ? Path.Combine(hardware, "a", "b") : null });
            var device = (await fake.DiscoverAsync(Token)).Devices[0];
            var (path, handle) = (device.ControlPath, device.Deployables[0].AttachHandles[2]);
            var (holder, other) = (NewUse(), NewUse());
            Assert.True((await fake.AttachAsync(path, handle, holder, Token)).Worked);
            foreach (var refused in new[] { await fake.AttachAsync(path, handle, other, Token), await fake.DetachAsync(path, handle, other, Token) })
            {
                Assert.Equal(DriverOutcomeKind.Failed, refused.Kind);
                Assert.Contains(holder.Arq.ToString(), refused.Reason, StringComparison.Ordinal);
            }
            if (onDisk)
            {
                var file = Assert.Single(Directory.GetFiles(Path.Combine(hardware, "a", "b")));
                Assert.Equal((FakeDriver.AttachFile(path, handle), holder.Arq.ToString()), (Path.GetFileName(file), await File.ReadAllTextAsync(file, Token)));
            }
            Assert.True((await fake.DetachAsync(path, handle, holder, Token)).Worked);
            Assert.True((await fake.AttachAsync(path, handle, other, Token)).Worked);
        }
        finally
        {
            Directory.Delete(hardware, recursive: true);
        }
    }

    [Fact]
    public async Task Of_many_requests_that_want_one_handle_at_once_one_gets_it()
    {
        var hardware = Directory.CreateTempSubdirectory("cyborg-fake-").FullName;
        try
        {
            // As many drivers as requests: only the hardware's own state stands between them.
            var drivers = Enumerable.Range(0, 16).Select(_ => Fake(new FakeDriverOptions { Host = "h", HostWork = true, AttachPath = hardware })).ToList();
            var device = (await drivers[0].DiscoverAsync(Token)).Devices[0];
            var handle = device.Deployables[0].AttachHandles[0];
            var outcomes = await Task.WhenAll(
                drivers.Select(driver => Task.Run(() => driver.AttachAsync(device.ControlPath, handle, NewUse(), Token), Token)));
            Assert.Single(outcomes, outcome => outcome.Worked);
            Assert.Single(Directory.GetFiles(hardware));
        }
        finally
        {
            Directory.Delete(hardware, recursive: true);
        }
    }

    [Fact]
    public async Task Every_handle_has_a_file_of_its_own()
    {
        var devices = (await Fake(new FakeDriverOptions { Host = "h", Devices = 300, Handles = 8 }).DiscoverAsync(Token)).Devices;
        Assert.Distinct(devices.SelectMany(
            device => device.Deployables[0].AttachHandles.Select(handle => FakeDriver.AttachFile(device.ControlPath, handle))));
    }

    [Fact]
    public async Task A_handle_that_is_not_the_devices_is_not_attached_and_a_folder_that_cannot_be_written_is_told()
    {
        var file = Path.GetTempFileName();
        try
        {
            var fake = Fake(new FakeDriverOptions { Host = "h", HostWork = true, AttachPath = file });
            var device = (await fake.DiscoverAsync(Token)).Devices[0];
            var handle = device.Deployables[0].AttachHandles[0];
            Assert.False((await fake.AttachAsync(device.ControlPath, handle with { Info = "{}" }, NewUse(), Token)).Worked);
            var outcome = await fake.AttachAsync(device.ControlPath, handle, NewUse(), Token);
            Assert.Contains("cannot be written", outcome.Reason, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Bounds_are_kept()
    {
        foreach (var options in new FakeDriverOptions[]
        {
            new() { Host = "h", Devices = -1 }, new() { Host = "h", Devices = FakeDriverOptions.MaxDevices + 1 },
            new() { Host = "h", Handles = 0 }, new() { Host = "h", Handles = FakeDriverOptions.MaxHandles + 1 },
            new() { Host = "h", Delay = TimeSpan.FromSeconds(-1) },
        })
            Assert.Throws<ArgumentOutOfRangeException>(() => Fake(options));
    }

    private static async Task<IReadOnlyList<DriverAttachHandle>> HandlesAsync(FakeDriverOptions options) =>
        (await Fake(options).DiscoverAsync(Token)).Devices[0].Deployables[0].AttachHandles;

    private static HandleUse NewUse() => new(Guid.NewGuid(), Guid.NewGuid());

    private static FakeDriver Fake(FakeDriverOptions options) => new(options, TimeProvider.System);
}
