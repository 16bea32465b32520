using Cyborg.Drivers.Fake;
using Cyborg.Drivers.Generic;
using Cyborg.Drivers.Generic.Pci;
using Cyborg.Model;

namespace Cyborg.Drivers.Tests;

public sealed class DriverTypesTests
{
    [Fact]
    public void Identity_json_is_written_as_python_writes_it()
    {
        Assert.Equal("{}", IdentityJson.Write());
        Assert.Equal("""{"B": "2", "a": "1", "b": "3"}""", IdentityJson.Write(("b", "3"), ("a", "1"), ("B", "2")));
        Assert.Equal("""{"n": -7, "t": "x"}""", IdentityJson.Write(new (string, object)[] { ("t", "x"), ("n", -7) }));
        Assert.Equal(
            "{\"k\": \"\\\" \\\\ / \\n\\r\\t\\b\\f \\u0001 \x7f \\u00e4 \\ud83d\\ude00 <&'>\"}",
            IdentityJson.Write(("k", "\" \\ / \n\r\t\b\f \u0001 \x7f \u00e4 \U0001F600 <&'>")));
    }

    [Fact]
    public void Identity_json_refuses_what_has_no_agreed_spelling()
    {
        Assert.Throws<ArgumentException>(() => IdentityJson.Write(("a", "1"), ("a", "2")));
        Assert.Throws<ArgumentException>(() => IdentityJson.Write(new (string, object)[] { ("a", 1.5) }));
    }

    [Theory]
    [InlineData("0000:84:00.0", true)]
    [InlineData("FFFF:ff:1F.7", true)]
    [InlineData("0000:84:20.0", false)]
    [InlineData("0000:84:00.8", false)]
    [InlineData("000:84:00.0", false)]
    [InlineData("10000:84:00.0", false)]
    [InlineData("0000-84:00.0", false)]
    [InlineData("0000:84:00.0\n", false)]
    [InlineData("0000: 4:00.0", false)]
    [InlineData("+000:84:00.0", false)]
    [InlineData(null, false)]
    public void Addresses_are_read_strictly(string? text, bool valid)
    {
        Assert.Equal(valid, PciAddress.TryParse(text, out var address));
        if (!valid)
            return;
        Assert.Equal(text!.ToLowerInvariant(), address.ToString());
        Assert.True(PciAddress.TryParseInfo(address.ToInfo(), out var again));
        Assert.Equal(address, again);
    }

    [Fact]
    public void The_catalog_names_the_known_drivers_when_one_is_unknown()
    {
        var catalog = Catalog();
        Assert.Equal(["fake_driver", "generic_driver"], catalog.Names);
        Assert.Null(catalog.Fault(["generic_driver", "fake_driver"]));
        const string line = "unknown driver 'fake', 'nvidia_gpu_driver'; known drivers: fake_driver, generic_driver";
        Assert.Equal(line, catalog.Fault(["fake", "fake_driver", "nvidia_gpu_driver", "fake"]));
        Assert.Equal(line, Assert.Throws<DriverException>(() => catalog.Create(["fake", "nvidia_gpu_driver"])).Message);
    }

    [Fact]
    public void The_catalog_makes_each_driver_once_and_in_order()
    {
        var drivers = Catalog().Create(["generic_driver", "fake_driver", "generic_driver"]);
        Assert.Equal(["generic_driver", "fake_driver"], drivers.Select(driver => driver.Name));
        Assert.Throws<ArgumentException>(() => Catalog().Add("fake_driver", () => drivers[0]));
    }

    [Theory]
    [InlineData("CUSTOM_X_1", true, true)]
    [InlineData("FPGA", true, false)]
    [InlineData("OWNER_CYBORG", false, true)]
    [InlineData("HW_GPU_API_VULKAN", false, true)]
    [InlineData("OWNER_NOVA", false, false)]
    [InlineData("CUSTOM_", false, false)]
    [InlineData("CUSTOM_x", false, false)]
    [InlineData("CUSTOM_X\n", false, false)]
    [InlineData("", false, false)]
    public void Names_of_placement_are_checked(string name, bool resourceClass, bool trait)
    {
        Assert.Equal(resourceClass, PlacementNames.IsResourceClass(name));
        Assert.Equal(trait, PlacementNames.IsTrait(name));
    }

    [Fact]
    public void Names_of_placement_have_a_greatest_length()
    {
        Assert.True(PlacementNames.IsTrait("CUSTOM_" + new string('X', 248)));
        Assert.False(PlacementNames.IsTrait("CUSTOM_" + new string('X', 249)));
        Assert.Equal("CUSTOM_A_B_C", PlacementNames.Custom("a.b", "c"));
    }

    [Fact]
    public void Devices_that_break_a_rule_are_told()
    {
        var good = Device(new DriverDeployable { Name = "d", NumAccelerators = 1, Attributes = [new("rc", "FPGA")] });
        Assert.Null(DeviceRules.Fault(good));
        var deployable = good.Deployables[0];
        DriverDevice[] bad =
        [
            good with { Vendor = "" },
            good with { Model = new string('m', 256) },
            good with { ControlPath = new DriverControlPath("USB", "{}") },
            good with { ControlPath = new DriverControlPath("PCI", "[]") },
            good with { ControlPath = new DriverControlPath("PCI", "{") },
            good with { Deployables = [deployable, deployable] },
            Device(deployable with { Name = "" }),
            Device(deployable with { Name = new string('n', 201) }),
            Device(deployable with { NumAccelerators = 0 }),
            Device(deployable with { DriverName = new string('n', 101) }),
            Device(deployable with { Attributes = [] }),
            Device(deployable with { Attributes = [new("rc", "FPGA"), new("rc", "PGPU")] }),
            Device(deployable with { Attributes = [new("rc", "fpga")] }),
            Device(deployable with { Attributes = [new("rc", "FPGA"), new("trait0", "OWNER_NOVA")] }),
            Device(deployable with { AttachHandles = [new(AttachHandleType.PCI, "text")] }),
            Device(deployable with { AttachHandles = [new(AttachHandleType.PCI, "{}"), new(AttachHandleType.PCI, "{}")] }),
            Device(deployable with { AttachHandles = [new(AttachHandleType.PCI, $$"""{"a": "{{new string('x', 255)}}"}""")] }),
        ];
        Assert.All(bad, device => Assert.False(string.IsNullOrEmpty(DeviceRules.Fault(device))));
    }

    [Fact]
    public async Task A_driver_that_only_discovers_has_honest_defaults()
    {
        IAcceleratorDriver driver = new OnlyDiscovers();
        var device = new DriverControlPath("PCI", "{}");
        var token = TestContext.Current.CancellationToken;
        Assert.True((await driver.InstallAsync(device, token)).Worked);
        Assert.True((await driver.UninstallAsync(device, token)).Worked);
        Assert.True((await driver.ProbeAsync(device, token)).Worked);
        Assert.Equal(DriverOutcome.NotSupported("small does not program devices."), await driver.ProgramAsync(device, "/image", token));
    }

    private static DriverDevice Device(DriverDeployable deployable) => new()
    {
        Vendor = "v",
        Model = "m",
        Type = DeviceType.FPGA,
        ControlPath = new DriverControlPath("PCI", "{}"),
        Deployables = [deployable],
    };

    private static DriverCatalog Catalog() => DriverCatalog.BuiltIn(
        new FakeDriverOptions { Host = "h" }, new GenericDriverOptions { Backends = [new PciBackendOptions { Host = "h" }] }, TimeProvider.System);

    private sealed class OnlyDiscovers : IAcceleratorDriver
    {
        public string Name => "small";

        public Task<DriverFindings> DiscoverAsync(CancellationToken cancellationToken) => Task.FromResult(DriverFindings.None);
    }
}
