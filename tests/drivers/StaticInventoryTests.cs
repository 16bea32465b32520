using Cyborg.Drivers.Generic.Static;
using Cyborg.Model;

namespace Cyborg.Drivers.Tests;

public sealed class StaticInventoryTests
{
    [Fact]
    public void An_accelerator_has_what_stands_there_and_a_default_for_the_rest()
    {
        var (accelerators, faults) = StaticInventory.Parse("rack.yaml",
            """
            # rack 7
            accelerators:
              - id: ipsec-1
                name: IPSec card
                vendor: "8086"
                model: QAT 4xxx
                type: QAT
                num: 2
                resource_class: CUSTOM_CRYPTO
                traits: [CUSTOM_RACK_7, HW_NIC_OFFLOAD_ESP]
                remote: 0
                device_type: CRYPTO
                endpoint: 10.0.0.7:4500
                acc_capability:
                  num: 2
                  ipsec: { aes: { 3des: 50, num: 1, "quoted": "50" }, on: true, none: ~, list: [1, 2.5, x] }
              - { id: gpu-1, type: GPU }
            """);
        Assert.Empty(faults);
        var ipsec = accelerators[0];
        Assert.Equal(("ipsec-1", "IPSec card", "8086", "QAT 4xxx"), (ipsec.Id, ipsec.Name, ipsec.Vendor, ipsec.Model));
        Assert.Equal((DeviceType.QAT, "CUSTOM_CRYPTO", "10.0.0.7:4500"), (ipsec.Type, ipsec.ResourceClass, ipsec.Endpoint));
        Assert.Equal(["CUSTOM_RACK_7", "HW_NIC_OFFLOAD_ESP"], ipsec.Traits);
        Assert.Equal(
            new AcceleratorSpec
            {
                Remote = false,
                Num = 2,
                DeviceType = "CRYPTO",
                Capability = """{"num":2,"ipsec":{"aes":{"3des":50,"num":1,"quoted":"50"},"on":true,"none":null,"list":[1,2.5,"x"]}}""",
            },
            ipsec.Spec);
        var gpu = accelerators[1];
        Assert.Equal((null, "unknown", "PGPU"), (gpu.Name, gpu.Vendor, gpu.ResourceClass));
        Assert.Equal(new AcceleratorSpec { Remote = true }, gpu.Spec);
    }

    [Theory]
    [InlineData("")]
    [InlineData("---\n")]
    [InlineData("# nothing\n")]
    [InlineData("accelerators:\n")]
    [InlineData("accelerators: []\n")]
    public void An_empty_inventory_is_one(string text)
    {
        var (accelerators, faults) = StaticInventory.Parse("f", text);
        Assert.Empty(accelerators);
        Assert.Empty(faults);
    }

    [Theory]
    [InlineData("- a", "f:1: is no map with the key 'accelerators'")]
    [InlineData("acelerators: []", "f:1: the key 'acelerators' is unknown; there is one key, 'accelerators'")]
    [InlineData("accelerators: {}", "f:1: accelerators is no list")]
    [InlineData("accelerators:\n  - x", "f:2: an accelerator is no map")]
    [InlineData("accelerators:\n  - { type: GPU }", "f:2: an accelerator has no id")]
    [InlineData("accelerators:\n  - { id: a }", "f:2: an accelerator has no type")]
    [InlineData("accelerators:\n  - { id: a/b, type: GPU }", "f:2: the id 'a/b' is not 1 to 64 letters, digits, '.', '_' and '-'")]
    [InlineData("accelerators:\n  - { id: a, type: gpu }", "f:2: type 'gpu' is none of GPU, FPGA, AICHIP, QAT, NIC, SSD")]
    [InlineData("accelerators:\n  - { id: a, type: GPU }\n  - { id: a, type: GPU }", "f:3: the id 'a' is given twice")]
    [InlineData("accelerators:\n  - { id: a, name: n, type: GPU }\n  - { id: b, name: n, type: GPU }", "f:3: the name 'n' is given twice")]
    [InlineData("accelerators:\n  - id: a\n    type: GPU\n    num: 0", "f:4: num is no number from 1 to 1024")]
    [InlineData("accelerators:\n  - id: a\n    type: GPU\n    num: 1e1", "f:4: num is no number from 1 to 1024")]
    [InlineData("accelerators:\n  - id: a\n    type: GPU\n    remote: yes", "f:4: remote is no number from 0 to 1")]
    [InlineData("accelerators:\n  - id: a\n    type: GPU\n    resource_class: VCPU", "f:4: resource_class 'VCPU' is none of PGPU, VGPU, FPGA and CUSTOM_* (capitals, digits and _)")]
    [InlineData("accelerators:\n  - id: a\n    type: GPU\n    traits: CUSTOM_X", "f:4: traits is no list")]
    [InlineData("accelerators:\n  - id: a\n    type: GPU\n    traits:\n      - OWNER_NOVA", "f:5: 'OWNER_NOVA' is no trait that a device can have (CUSTOM_* in capitals, digits and _, or a standard one)")]
    [InlineData("accelerators:\n  - id: a\n    type: GPU\n    acc_capability: 5", "f:4: acc_capability is no map")]
    [InlineData("accelerators:\n  - id: a\n    type: GPU\n    name: [x]", "f:4: name is no text of 1 to 255 characters")]
    [InlineData("accelerators:\n  - id: a\n    id: b\n    type: GPU", "f:3: the key 'id' is given twice")]
    [InlineData("accelerators: &a\n  - *a", "f:1: anchors and aliases are not supported")]
    [InlineData("accelerators: !!seq []", "f:1: tags are not supported")]
    [InlineData("a: 1\n---\nb: 2", "f:2: there is more than one document")]
    public void A_fault_is_told_with_its_line(string text, string fault)
    {
        var (accelerators, faults) = StaticInventory.Parse("f", text);
        Assert.Empty(accelerators);
        Assert.Equal(fault, Assert.Single(faults));
    }

    [Theory]
    [InlineData("accelerators: [")]
    [InlineData("accelerators:\n\t- x")]
    [InlineData("accelerators: \"\\x\"")]
    public void What_is_no_yaml_is_told_with_its_line(string text) =>
        Assert.Matches(@"\Af:[0-9]+: .", Assert.Single(StaticInventory.Parse("f", text).Faults));

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var (_, faults) = StaticInventory.Parse("f", "accelerators:\n  - { id: a b, type: x, num: y }\n  - { type: GPU }\n  - z\n");
        Assert.Equal(5, faults.Count);
    }

    [Fact]
    public void A_deep_or_a_large_file_is_refused()
    {
        var deep = $"accelerators: {new string('[', 40)}{new string(']', 40)}";
        Assert.Contains("deeper", Assert.Single(StaticInventory.Parse("f", deep).Faults), StringComparison.Ordinal);
        var many = "accelerators:\n" + string.Concat(Enumerable.Range(0, StaticInventory.MaxAccelerators + 1).Select(i => $"  - {{ id: a{i}, type: GPU }}\n"));
        Assert.Contains("more than 1000", Assert.Single(StaticInventory.Parse("f", many).Faults), StringComparison.Ordinal);
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, new string('#', StaticInventory.MaxFile + 1));
            Assert.Contains("larger", Assert.Single(StaticInventory.Load(file).Faults), StringComparison.Ordinal);
            File.WriteAllBytes(file, [0xff, 0xfe, 0xfd]);
            Assert.Contains("UTF-8", Assert.Single(StaticInventory.Load(file).Faults), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
        Assert.Contains("not there", Assert.Single(StaticInventory.Load(file).Faults), StringComparison.Ordinal);
        Assert.Contains("cannot be read", Assert.Single(StaticInventory.Load(Path.GetTempPath()).Faults), StringComparison.Ordinal);
    }
}
