using Cyborg.Drivers.Generic;
using Cyborg.Drivers.Generic.Mdev;
using Cyborg.Model;

namespace Cyborg.Drivers.Tests;

public sealed class MdevBackendTests : IDisposable
{
    private const string Card = "0000:af:00.0";
    private const string Type = "nvidia-223";

    private readonly SysfsTree _tree = new();
    private readonly MdevKernel _kernel;

    public MdevBackendTests() => _kernel = new MdevKernel(_tree);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _tree.Dispose();

    /// <summary>Upstream's report (cyborg/tests/unit/accelerator/drivers/gpu/test_nvidia.py), so a cloud that used that driver keeps its providers.</summary>
    [Fact]
    public async Task A_parent_is_reported_as_upstream_reports_it()
    {
        _kernel.AddParent(Card, Type, "GRID T4-1B", 2);
        var device = Assert.Single((await Driver().DiscoverAsync(Token)).Devices);
        Assert.Equal(("10de", "1eb8", DeviceType.GPU), (device.Vendor, device.Model, device.Type));
        Assert.Equal(
            """{"class": "0x030200", "controller": "3D controller", "mdev_type": "nvidia-223", "product_id": "1eb8"}""", device.StdBoardInfo);
        Assert.Equal(new DriverControlPath("PCI", """{"bus": "af", "device": "00", "domain": "0000", "function": "0"}"""), device.ControlPath);
        var deployable = Assert.Single(device.Deployables);
        Assert.Equal(("host_0000:af:00.0", 2, "NVIDIA"), (deployable.Name, deployable.NumAccelerators, deployable.DriverName));
        Assert.Equal(
            [new DriverAttribute("rc", "VGPU"), new DriverAttribute("trait0", "OWNER_CYBORG"), new DriverAttribute("trait1", "CUSTOM_NVIDIA_1EB8_T4_1B")],
            deployable.Attributes);
        Assert.Equal(
            [
                new DriverAttachHandle(
                    AttachHandleType.MDEV,
                    """{"asked_type": "nvidia-223", "bus": "af", "device": "00", "domain": "0000", "function": "0", "vgpu_mark": "nvidia-223_0"}""", HostWork: true),
                new DriverAttachHandle(
                    AttachHandleType.MDEV,
                    """{"asked_type": "nvidia-223", "bus": "af", "device": "00", "domain": "0000", "function": "0", "vgpu_mark": "nvidia-223_1"}""", HostWork: true),
            ],
            deployable.AttachHandles);
    }

    [Theory]
    [InlineData("GRID T4-1B", "CUSTOM_NVIDIA_1EB8_T4_1B")]
    [InlineData("A100-5C", "CUSTOM_NVIDIA_1EB8_A100_5C")]
    [InlineData("", "CUSTOM_NVIDIA_1EB8_NVIDIA_223")]
    [InlineData(null, "CUSTOM_NVIDIA_1EB8_NVIDIA_223")]
    public async Task The_types_name_becomes_a_trait(string? name, string trait)
    {
        _tree.Add(Card, "0x10de", "0x1eb8", "0x030200");
        _kernel.AddType(Card, Type, name, 1);
        var device = Assert.Single((await Driver().DiscoverAsync(Token)).Devices);
        Assert.Contains(new DriverAttribute("trait1", trait), device.Deployables[0].Attributes);
    }

    [Fact]
    public async Task Attaching_makes_a_device_named_by_the_handle_and_detaching_removes_it()
    {
        _kernel.AddParent(Card, Type, "GRID T4-1B", 2);
        var driver = Driver();
        var (device, handle) = await HandleAsync(driver);
        var use = new HandleUse(Guid.NewGuid(), Guid.NewGuid());
        Assert.Equal(DriverOutcome.Done, await driver.AttachAsync(device, handle, use, Token));
        Assert.Equal([use.Handle.ToString()], _kernel.Devices);
        Assert.Equal(2, (await driver.DiscoverAsync(Token)).Devices[0].Deployables[0].NumAccelerators);
        Assert.Equal(DriverOutcome.Done, await driver.AttachAsync(device, handle, use, Token));
        Assert.Equal(DriverOutcome.Done, await driver.DetachAsync(device, handle, use, Token));
        Assert.Equal(DriverOutcome.Done, await driver.DetachAsync(device, handle, use, Token));
        Assert.Empty(_kernel.Devices);
        Assert.Equal(
            [
                $"class/mdev_bus/{Card}/mdev_supported_types/{Type}/create <- {use.Handle}",
                $"class/mdev_bus/{Card}/mdev_supported_types/{Type}/devices/{use.Handle}/remove <- 1",
            ],
            _kernel.Writes);
    }

    [Fact]
    public async Task When_there_is_no_room_the_attach_fails_and_says_what_the_kernel_said()
    {
        _kernel.AddParent(Card, Type, "GRID T4-1B", 1);
        var driver = Driver();
        var (device, handle) = await HandleAsync(driver);
        Assert.True((await driver.AttachAsync(device, handle, Use(), Token)).Worked);
        var refused = await driver.AttachAsync(device, handle, Use(), Token);
        Assert.Equal($"{Card}: the kernel makes no device of type {Type}: No space left on device.", refused.Reason);
        Assert.Single(_kernel.Devices);
    }

    [Fact]
    public async Task A_kernel_that_takes_the_order_and_does_nothing_is_not_believed()
    {
        _kernel.AddParent(Card, Type, "GRID T4-1B", 1);
        var driver = Driver(Options() with { Write = (_, _) => { } });
        var (device, handle) = await HandleAsync(driver);
        Assert.Contains("there is none", (await driver.AttachAsync(device, handle, Use(), Token)).Reason, StringComparison.Ordinal);
        var use = Use();
        Assert.True((await Driver().AttachAsync(device, handle, use, Token)).Worked);
        Assert.Contains("still there", (await driver.DetachAsync(device, handle, use, Token)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Somebody_else_may_make_and_remove_the_device_at_the_same_moment()
    {
        _kernel.AddParent(Card, Type, "GRID T4-1B", 1);
        var driver = Driver(Options() with
        {
            Write = (path, value) =>
            {
                _kernel.Write(path, value);
                throw new IOException("File exists");
            },
        });
        var (device, handle) = await HandleAsync(driver);
        var use = Use();
        Assert.Equal(DriverOutcome.Done, await driver.AttachAsync(device, handle, use, Token));
        Assert.Equal(DriverOutcome.Done, await driver.DetachAsync(device, handle, use, Token));
    }

    [Fact]
    public async Task A_process_without_the_right_says_so()
    {
        _kernel.AddParent(Card, Type, "GRID T4-1B", 1);
        var driver = Driver(Options() with { Write = (_, _) => throw new UnauthorizedAccessException() });
        var (device, handle) = await HandleAsync(driver);
        Assert.Contains("has not the right", (await driver.AttachAsync(device, handle, Use(), Token)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_of_another_type_under_the_handles_name_is_neither_taken_nor_removed()
    {
        _kernel.AddParent(Card, Type, "GRID T4-1B", 1);
        _kernel.AddType(Card, "nvidia-224", "GRID T4-2B", 1);
        var (device, handle) = await HandleAsync(Driver());
        var use = Use();
        _kernel.Write(Path.Combine(_tree.Root, "class/mdev_bus", Card, "mdev_supported_types/nvidia-224/create"), use.Handle.ToString());
        Assert.False((await Driver().AttachAsync(device, handle, use, Token)).Worked);
        Assert.False((await Driver().DetachAsync(device, handle, use, Token)).Worked);
        Assert.Single(_kernel.Devices);
    }

    [Fact]
    public async Task A_handle_can_be_given_back_after_its_type_is_offered_no_more()
    {
        _kernel.AddParent(Card, Type, "GRID T4-1B", 1);
        var (device, handle) = await HandleAsync(Driver());
        var use = Use();
        Assert.True((await Driver().AttachAsync(device, handle, use, Token)).Worked);
        var without = Driver(Options() with { Types = [] });
        Assert.False((await without.AttachAsync(device, handle, Use(), Token)).Worked);
        Assert.Equal(DriverOutcome.Done, await without.DetachAsync(device, handle, use, Token));
        Assert.Empty(_kernel.Devices);
    }

    [Fact]
    public async Task Parents_that_offer_nothing_are_told()
    {
        var found = await Driver().DiscoverAsync(Token);
        Assert.Equal("there is no PCI device.", Assert.Single(found.Problems).What);
        _tree.Add(Card, "0x10de", "0x1eb8", "0x030200");
        Assert.Contains("offers no mediated devices", Assert.Single((await Driver().DiscoverAsync(Token)).Problems).What, StringComparison.Ordinal);
        _kernel.AddType(Card, "nvidia-300", "GRID T4-8Q", 2);
        Assert.Equal($"it does not offer type {Type}, but nvidia-300.", Assert.Single((await Driver().DiscoverAsync(Token)).Problems).What);
        _kernel.AddType(Card, Type, "GRID T4-1B", 0);
        Assert.Contains("devices of another type have its room", Assert.Single((await Driver().DiscoverAsync(Token)).Problems).What, StringComparison.Ordinal);
        Assert.True((await Driver().InstallAsync(PathOf(Card), Token)).Worked);
    }

    [Theory]
    [InlineData("available_instances", "many")]
    [InlineData("available_instances", null)]
    public async Task A_parent_that_cannot_be_counted_is_left_out_and_told(string file, string? text)
    {
        _kernel.AddParent(Card, Type, "GRID T4-1B", 2);
        var path = Path.Combine(_tree.Root, "class/mdev_bus", Card, "mdev_supported_types", Type, file);
        File.Delete(path);
        if (text is not null)
            await File.WriteAllTextAsync(path, text, Token);
        var found = await Driver().DiscoverAsync(Token);
        Assert.Empty(found.Devices);
        Assert.Contains(file, Assert.Single(found.Problems).What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Usage_is_what_the_kernel_has_made()
    {
        _kernel.AddParent(Card, Type, "GRID T4-1B", 3);
        var driver = Driver();
        var (device, handle) = await HandleAsync(driver);
        await driver.AttachAsync(device, handle, Use(), Token);
        var usage = Assert.Single(await driver.MeasureAsync(Token));
        Assert.Equal((1, 3), (usage.Figures[UsageFigures.AcceleratorsInUse], usage.Figures[UsageFigures.AcceleratorsTotal]));
    }

    [Fact]
    public void Types_are_read_from_the_configuration_and_every_fault_is_told()
    {
        var (types, faults) = MdevType.Parse(["b", "a", "b"], type => type == "a" ? ["0000:85:00.0", "0000:84:00.0"] : ["0000:b0:00.0"]);
        Assert.Empty(faults);
        Assert.Equal(["b", "a"], types.Select(type => type.Name));
        Assert.Equal(["0000:84:00.0", "0000:85:00.0"], types[1].Parents.Select(parent => parent.ToString()));
        (_, faults) = MdevType.Parse(
            ["../x", "none", "bad", "one", "two"],
            type => type switch { "none" => [], "bad" => ["84:00.0"], _ => ["0000:84:00.0"] });
        Assert.Equal(
            [
                "'../x' is no name of a type of mediated devices",
                "type 'none': give its device_addresses",
                "type 'bad': '84:00.0' is no PCI address of the form 0000:84:00.0",
                "type 'two': 0000:84:00.0 is given twice (first for 'one'); a device offers one type",
            ],
            faults);
    }

    private MdevBackendOptions Options() => new()
    {
        Host = "host",
        SysfsRoot = _tree.Root,
        Types = [new MdevType(Type, [Address(Card)])],
        Write = _kernel.Write,
    };

    private GenericDriver Driver(MdevBackendOptions? options = null) => new(new GenericDriverOptions { Backends = [options ?? Options()] });

    private static async Task<(DriverControlPath, DriverAttachHandle)> HandleAsync(GenericDriver driver)
    {
        var device = Assert.Single((await driver.DiscoverAsync(Token)).Devices);
        return (device.ControlPath, device.Deployables[0].AttachHandles[0]);
    }

    private static HandleUse Use() => new(Guid.NewGuid(), Guid.NewGuid());

    private static DriverControlPath PathOf(string address) => Address(address).ToControlPath();

    private static PciAddress Address(string text) => PciAddress.TryParse(text, out var address) ? address : throw new ArgumentException(text);
}
