using Cyborg.Drivers.Generic;
using Cyborg.Drivers.Generic.Pci;
using Cyborg.Model;

namespace Cyborg.Drivers.Tests;

public sealed class PciBackendTests : IDisposable
{
    private readonly SysfsTree _tree = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _tree.Dispose();

    [Fact]
    public async Task A_gpu_is_reported_with_what_sysfs_says_of_it()
    {
        _tree.AddBehind("pci0000:80/0000:80:02.0", "0000:84:00.0", "0x10de", "0x1eb8", "0x030200")
            .WithIommuGroup(42).WithDriver("vfio-pci").With("numa_node", "1").With("subsystem_vendor", "0x10de").With("subsystem_device", "0x12a2");
        var device = Assert.Single((await DiscoverAsync("""{"vendor_id": "10de"}""")).Devices);
        Assert.Equal("10de", device.Vendor);
        Assert.Equal("1eb8", device.Model);
        Assert.Equal(DeviceType.GPU, device.Type);
        Assert.Equal(
            """{"class": "0x030200", "controller": "3D controller", "driver": "vfio-pci", "iommu_group": 42, "numa_node": 1, "product_id": "1eb8", "subsystem": "10de:12a2"}""",
            device.StdBoardInfo);
        Assert.Equal(new DriverControlPath("PCI", """{"bus": "84", "device": "00", "domain": "0000", "function": "0"}"""), device.ControlPath);
        var deployable = Assert.Single(device.Deployables);
        Assert.Equal("host_0000:84:00.0", deployable.Name);
        Assert.Equal("NVIDIA", deployable.DriverName);
        Assert.Equal(1, deployable.NumAccelerators);
        Assert.Equal(
            [
                new DriverAttribute("rc", "PGPU"),
                new DriverAttribute("trait0", "OWNER_CYBORG"),
                new DriverAttribute("trait1", "CUSTOM_PCI_NVIDIA"),
                new DriverAttribute("trait2", "CUSTOM_PCI_PRODUCT_ID_1EB8"),
                new DriverAttribute("trait3", "CUSTOM_NVIDIA_1EB8"),
            ],
            deployable.Attributes);
        Assert.Equal(
            [new DriverAttachHandle(AttachHandleType.PCI, """{"bus": "84", "device": "00", "domain": "0000", "function": "0"}""")],
            deployable.AttachHandles);
    }

    [Fact]
    public async Task No_specs_means_no_devices_even_without_sysfs()
    {
        _tree.Add("0000:84:00.0", "0x10de", "0x1eb8", "0x030200");
        var found = await DiscoverAsync();
        Assert.Empty(found.Devices);
        Assert.Empty(found.Problems);
        var nowhere = Driver(new PciBackendOptions { Host = "host", SysfsRoot = "/nonexistent" });
        Assert.Empty((await nowhere.DiscoverAsync(Token)).Devices);
    }

    [Fact]
    public async Task A_host_without_sysfs_cannot_tell_and_one_without_pci_has_none()
    {
        var specs = PciSpecParser.Parse(["auto"]).Specs;
        var nowhere = Driver(new PciBackendOptions { Host = "host", SysfsRoot = "/nonexistent", Specs = specs });
        await Assert.ThrowsAsync<DriverException>(() => nowhere.DiscoverAsync(Token));
        Directory.Delete(Path.Combine(_tree.Root, "bus/pci"), recursive: true);
        Assert.Empty((await DiscoverAsync("auto")).Devices);
    }

    [Fact]
    public async Task Devices_come_sorted_by_address_whatever_the_order_of_the_folder()
    {
        foreach (var address in new[] { "0001:00:00.0", "0000:ff:1f.7", "0000:0a:00.1", "0000:0a:00.0", "0000:84:00.0" })
            _tree.Add(address, "0x10de", "0x1eb8", "0x030200");
        var names = (await DiscoverAsync("{}")).Devices.Select(device => device.Deployables[0].Name);
        Assert.Equal(["host_0000:0a:00.0", "host_0000:0a:00.1", "host_0000:84:00.0", "host_0000:ff:1f.7", "host_0001:00:00.0"], names);
    }

    [Fact]
    public async Task A_physical_function_with_virtual_functions_offers_those_and_not_itself()
    {
        _tree.Add("0000:3b:00.0", "0x8086", "0x37c8", "0x0b4000")
            .WithVirtualFunctions("0x8086", "0x37c9", "0x0b4000", "0000:3b:01.1", "0000:3b:01.0", "0000:3b:02.0");
        var device = Assert.Single((await DiscoverAsync("""{"vendor_id": "8086"}""")).Devices);
        Assert.Equal("37c8", device.Model);
        Assert.Equal(DeviceType.QAT, device.Type);
        var deployable = Assert.Single(device.Deployables);
        Assert.Equal("host_0000:3b:00.0", deployable.Name);
        Assert.Equal(3, deployable.NumAccelerators);
        Assert.Equal(
            [
                """{"bus": "3b", "device": "01", "domain": "0000", "function": "0"}""",
                """{"bus": "3b", "device": "01", "domain": "0000", "function": "1"}""",
                """{"bus": "3b", "device": "02", "domain": "0000", "function": "0"}""",
            ],
            deployable.AttachHandles.Select(handle => handle.Info));
    }

    [Fact]
    public async Task A_physical_function_whose_virtual_functions_are_off_offers_itself()
    {
        _tree.Add("0000:3b:00.0", "0x8086", "0x37c8", "0x0b4000").With("sriov_totalvfs", "16").With("sriov_numvfs", "0");
        var deployable = Assert.Single((await DiscoverAsync("{}")).Devices).Deployables[0];
        Assert.Equal("""{"bus": "3b", "device": "00", "domain": "0000", "function": "0"}""", Assert.Single(deployable.AttachHandles).Info);
    }

    [Fact]
    public async Task A_virtual_function_is_a_device_when_its_physical_function_is_not_matched()
    {
        _tree.Add("0000:3b:00.0", "0x8086", "0x37c8", "0x0b4000")
            .WithVirtualFunctions("0x8086", "0x37c9", "0x0b4000", "0000:3b:01.0", "0000:3b:01.1");
        var devices = (await DiscoverAsync("""{"vendor_id": "8086", "product_id": "37c9"}""")).Devices;
        Assert.Equal(["host_0000:3b:01.0", "host_0000:3b:01.1"], devices.Select(device => device.Deployables[0].Name));
        Assert.All(devices, device => Assert.Equal(1, device.Deployables[0].NumAccelerators));
    }

    [Fact]
    public async Task A_physical_function_that_cannot_be_read_hides_its_virtual_functions()
    {
        _tree.Add("0000:3b:00.0", "0x8086", "0x37c8", "0x0b4000")
            .WithVirtualFunctions("0x8086", "0x37c9", "0x0b4000", "0000:3b:01.0").WithDanglingLinkInPlaceOf("device");
        _tree.Add("0000:84:00.0", "0x10de", "0x1eb8", "0x030200");
        var found = await DiscoverAsync("{}");
        Assert.Equal("host_0000:84:00.0", Assert.Single(found.Devices).Deployables[0].Name);
        Assert.Equal(new DiscoveryProblem("0000:3b:00.0", "device cannot be read."), Assert.Single(found.Problems));
    }

    [Fact]
    public async Task A_link_to_a_virtual_function_that_is_gone_skips_the_physical_function()
    {
        _tree.Add("0000:3b:00.0", "0x8086", "0x37c8", "0x0b4000").WithLink("virtfn0", "../0000:3b:01.0");
        var found = await DiscoverAsync("{}");
        Assert.Empty(found.Devices);
        Assert.Equal("virtfn0 leads to 0000:3b:01.0, which is not there.", Assert.Single(found.Problems).What);
    }

    [Theory]
    [InlineData("vendor")]
    [InlineData("device")]
    [InlineData("class")]
    public async Task A_device_that_cannot_be_identified_is_skipped_and_told_and_others_stay(string file)
    {
        _tree.Add("0000:01:00.0", "0x10de", "0x1eb8", "0x030200").Without(file);
        _tree.Add("0000:02:00.0", "0x10de", "0x1eb8", "0x030200").WithDanglingLinkInPlaceOf(file);
        _tree.Add("0000:03:00.0", "0x10de", "0x1eb8", "0x030200").WithFolderInPlaceOf(file);
        _tree.Add("0000:04:00.0", "0x10de", "0x1eb8", "0x030200").With(file, "garbage");
        _tree.Add("0000:05:00.0", "0x10de", "0x1eb8", "0x030200").With(file, "");
        _tree.Add("0000:06:00.0", "0x10de", "0x1eb8", "0x030200").With(file, "0xfffffffff");
        _tree.Add("0000:84:00.0", "0x10de", "0x1eb8", "0x030200");
        var found = await DiscoverAsync("{}");
        Assert.Equal("host_0000:84:00.0", Assert.Single(found.Devices).Deployables[0].Name);
        Assert.Equal(
            [
                $"0000:01:00.0: {file} is missing.", $"0000:02:00.0: {file} cannot be read.", $"0000:03:00.0: {file} cannot be read.",
                $"0000:04:00.0: {file} holds no PCI id.", $"0000:05:00.0: {file} holds no PCI id.", $"0000:06:00.0: {file} holds no PCI id.",
            ],
            found.Problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public async Task An_unreadable_device_outside_every_address_pattern_is_nobodys_problem()
    {
        _tree.Add("0000:01:00.0", "0x10de", "0x1eb8", "0x030200").Without("vendor");
        Assert.Empty((await DiscoverAsync("""{"address": "0000:84:*.*"}""")).Problems);
    }

    [Fact]
    public async Task A_device_that_leads_nowhere_is_skipped()
    {
        File.CreateSymbolicLink(Path.Combine(_tree.Root, "bus/pci/devices/0000:07:00.0"), "../../../devices/gone");
        var found = await DiscoverAsync("{}");
        Assert.Empty(found.Devices);
        Assert.Equal("0000:07:00.0", Assert.Single(found.Problems).Where);
    }

    [Fact]
    public async Task Facts_that_are_absent_are_left_out_quietly()
    {
        _tree.Add("0000:84:00.0", "0x10de", "0x1eb8", "0x030200").Without("numa_node");
        var found = await DiscoverAsync("{}");
        Assert.Empty(found.Problems);
        Assert.Equal("""{"class": "0x030200", "controller": "3D controller", "product_id": "1eb8"}""", Assert.Single(found.Devices).StdBoardInfo);
    }

    [Fact]
    public async Task Facts_that_cannot_be_read_are_left_out_and_told_and_the_device_stays()
    {
        _tree.Add("0000:84:00.0", "0x10de", "0x1eb8", "0x030200")
            .WithFolderInPlaceOf("numa_node").With("iommu_group", "no link").With("driver", "no link").WithDanglingLinkInPlaceOf("subsystem_vendor");
        var found = await DiscoverAsync("{}");
        Assert.Equal("""{"class": "0x030200", "controller": "3D controller", "product_id": "1eb8"}""", Assert.Single(found.Devices).StdBoardInfo);
        Assert.Equal(
            ["driver is no link.", "iommu_group is no link.", "numa_node cannot be read.", "subsystem_vendor cannot be read."],
            found.Problems.Select(problem => problem.What).Order());
    }

    [Fact]
    public async Task Auto_takes_the_accelerators_and_nothing_else()
    {
        _tree.Add("0000:00:00.0", "0x8086", "0x0d57", "0x060000");
        _tree.Add("0000:01:00.0", "0x1a03", "0x2000", "0x030000"); // a server's management console
        _tree.Add("0000:02:00.0", "0x1af4", "0x1050", "0x030000"); // a virtual machine's display
        _tree.Add("0000:03:00.0", "0x8086", "0x1572", "0x020000");
        _tree.Add("0000:04:00.0", "0x144d", "0xa808", "0x010802");
        _tree.Add("0000:05:00.0", "0x1b21", "0x1242", "0x0c0330");
        _tree.Add("0000:10:00.0", "0x10de", "0x2204", "0x030000");
        _tree.Add("0000:11:00.0", "0x10de", "0x1eb8", "0x030200");
        _tree.Add("0000:12:00.0", "0x1002", "0x740f", "0x038000");
        _tree.Add("0000:13:00.0", "0x19e5", "0xd100", "0x120000");
        _tree.Add("0000:14:00.0", "0x8086", "0x37c8", "0x0b4000");
        var found = await DiscoverAsync("auto");
        Assert.Empty(found.Problems);
        Assert.Equal(["10", "11", "12", "13", "14"], found.Devices.Select(device => device.Deployables[0].Name.Substring(10, 2)));
    }

    [Theory]
    [InlineData("0x10de", "0x1eb8", "0x030200", DeviceType.GPU, "PGPU")]
    [InlineData("0x1002", "0x740c", "0x120000", DeviceType.GPU, "PGPU")]
    [InlineData("0x10ee", "0x5000", "0x120000", DeviceType.FPGA, "FPGA")]
    [InlineData("0x8086", "0x09c4", "0x120000", DeviceType.FPGA, "FPGA")]
    [InlineData("0x8086", "0x7d1d", "0x120000", DeviceType.AICHIP, "CUSTOM_NPU")]
    [InlineData("0x19e5", "0xd100", "0x120000", DeviceType.AICHIP, "CUSTOM_NPU")]
    [InlineData("0x8086", "0x37c8", "0x0b4000", DeviceType.QAT, "CUSTOM_QAT")]
    [InlineData("0x177d", "0x0010", "0x100000", DeviceType.QAT, "CUSTOM_QAT")]
    [InlineData("0x8086", "0x1572", "0x020000", DeviceType.NIC, "CUSTOM_NIC")]
    [InlineData("0x1bd4", "0x1001", "0x010802", DeviceType.SSD, "CUSTOM_SSD")]
    public async Task The_kind_of_device_follows_from_its_class(string vendor, string product, string code, DeviceType type, string resourceClass)
    {
        _tree.Add("0000:84:00.0", vendor, product, code);
        var device = Assert.Single((await DiscoverAsync("{}")).Devices);
        Assert.Equal(type, device.Type);
        Assert.Equal(resourceClass, device.Deployables[0].Attributes[0].Value);
    }

    [Fact]
    public async Task A_class_that_tells_no_kind_needs_one_in_the_spec()
    {
        _tree.Add("0000:84:00.0", "0x1d0f", "0x7064", "0x088000");
        var without = await DiscoverAsync("{}");
        Assert.Empty(without.Devices);
        Assert.Contains("'type'", Assert.Single(without.Problems).What, StringComparison.Ordinal);
        var device = Assert.Single((await DiscoverAsync(
            """{"vendor_id": "1d0f", "type": "AICHIP", "resource_class": "CUSTOM_INFERENTIA", "traits": "CUSTOM_A, CUSTOM_B"}""")).Devices);
        Assert.Equal(DeviceType.AICHIP, device.Type);
        Assert.Equal("1d0f", device.Deployables[0].DriverName);
        Assert.Equal(
            ["CUSTOM_INFERENTIA", "OWNER_CYBORG", "CUSTOM_PCI_1D0F", "CUSTOM_PCI_PRODUCT_ID_7064", "CUSTOM_1D0F_7064", "CUSTOM_A", "CUSTOM_B"],
            device.Deployables[0].Attributes.Select(attribute => attribute.Value));
    }

    [Fact]
    public async Task The_first_spec_that_matches_counts()
    {
        _tree.Add("0000:84:00.0", "0x10de", "0x1eb8", "0x030200");
        _tree.Add("0000:85:00.0", "0x10de", "0x1eb8", "0x030200");
        var devices = (await DiscoverAsync("""[{"address": "85:00.0", "resource_class": "CUSTOM_X"}, {"vendor_id": "10de"}]""")).Devices;
        Assert.Equal(["PGPU", "CUSTOM_X"], devices.Select(device => device.Deployables[0].Attributes[0].Value));
    }

    [Fact]
    public async Task Bridges_are_never_offered_whatever_the_spec()
    {
        _tree.Add("0000:00:01.0", "0x8086", "0x2030", "0x060400");
        var found = await DiscoverAsync("""{"address": "0000:00:01.0", "type": "GPU"}""");
        Assert.Empty(found.Devices);
        Assert.Empty(found.Problems);
    }

    [Fact]
    public async Task A_spec_may_name_the_network_interface()
    {
        _tree.Add("0000:3d:00.0", "0x8086", "0x1572", "0x020000").WithInterface("ens1f0");
        _tree.Add("0000:3d:00.1", "0x8086", "0x1572", "0x020000").WithInterface("ens1f1");
        Assert.Equal("host_0000:3d:00.1", Assert.Single((await DiscoverAsync("""{"devname": "ens1f1"}""")).Devices).Deployables[0].Name);
    }

    [Fact]
    public async Task Entries_that_are_no_addresses_nova_knows_are_left_alone()
    {
        Directory.CreateDirectory(Path.Combine(_tree.Root, "bus/pci/devices/10000:e1:00.0"));
        var found = await DiscoverAsync("{}");
        Assert.Empty(found.Devices);
        Assert.Empty(found.Problems);
    }

    [Fact]
    public async Task A_device_that_has_gone_fails_its_probe_and_comes_out_of_the_report()
    {
        _tree.Add("0000:84:00.0", "0x10de", "0x1eb8", "0x030200");
        var driver = Driver(new PciBackendOptions { Host = "host", SysfsRoot = _tree.Root, Specs = [new PciDeviceSpec()] });
        var device = Assert.Single((await driver.DiscoverAsync(Token)).Devices).ControlPath;
        Assert.True((await driver.ProbeAsync(device, Token)).Worked);
        _tree.Remove("0000:84:00.0");
        Assert.Equal(DriverOutcome.Failed("There is no PCI device at 0000:84:00.0."), await driver.ProbeAsync(device, Token));
        Assert.Empty((await driver.DiscoverAsync(Token)).Devices);
    }

    [Fact]
    public async Task A_name_that_placement_cannot_hold_is_a_problem()
    {
        _tree.Add("0000:84:00.0", "0x10de", "0x1eb8", "0x030200");
        var driver = Driver(new PciBackendOptions { Host = new string('h', 200), SysfsRoot = _tree.Root, Specs = [new PciDeviceSpec()] });
        var found = await driver.DiscoverAsync(Token);
        Assert.Empty(found.Devices);
        Assert.Equal("0000:84:00.0", Assert.Single(found.Problems).Where);
    }

    [Fact]
    public async Task Programming_is_not_supported_and_says_so()
    {
        _tree.Add("0000:84:00.0", "0x10de", "0x1eb8", "0x030200");
        var driver = Driver(new PciBackendOptions { Host = "host", SysfsRoot = _tree.Root, Specs = [new PciDeviceSpec()] });
        var device = Assert.Single((await driver.DiscoverAsync(Token)).Devices).ControlPath;
        Assert.Equal(DriverOutcomeKind.NotSupported, (await driver.ProgramAsync(device, "/dev/null", Token)).Kind);
    }

    [Fact]
    public async Task This_very_machine_can_be_asked()
    {
        Assert.SkipUnless(Directory.Exists("/sys/bus"), "There is no sysfs here.");
        var driver = Driver(new PciBackendOptions { Host = "host", Specs = PciSpecParser.Parse(["auto"]).Specs });
        Assert.All((await driver.DiscoverAsync(Token)).Devices, device => Assert.Null(DeviceRules.Fault(device)));
    }

    private static GenericDriver Driver(PciBackendOptions pci) => new(new GenericDriverOptions { Backends = [pci] });

    private Task<DriverFindings> DiscoverAsync(params string[] whitelist)
    {
        var (specs, faults) = PciSpecParser.Parse(whitelist);
        Assert.Empty(faults);
        return Driver(new PciBackendOptions { Host = "host", SysfsRoot = _tree.Root, Specs = specs }).DiscoverAsync(Token);
    }
}
