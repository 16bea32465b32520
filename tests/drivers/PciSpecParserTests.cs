using Cyborg.Drivers.Generic.Pci;
using Cyborg.Model;

namespace Cyborg.Drivers.Tests;

public sealed class PciSpecParserTests
{
    [Theory]
    [InlineData("0000:84:00.0", true)]
    [InlineData("84:00.0", true)]
    [InlineData("00.0", true)]
    [InlineData(".0", true)]
    [InlineData("*:*:*.*", true)]
    [InlineData("*:84:*.*", true)]
    [InlineData("0000:84:00", true)]
    [InlineData("0:84:0.0", true)]
    [InlineData("", true)]
    [InlineData("0001:84:00.0", false)]
    [InlineData("*:85:*.*", false)]
    [InlineData("01.0", false)]
    [InlineData(".1", false)]
    public void A_glob_matches_by_its_fields(string glob, bool matches)
    {
        Assert.True(PciAddress.TryParse("0000:84:00.0", out var address));
        Assert.Equal(matches, PciAddressPattern.ParseGlob(glob).Matches(address));
    }

    [Theory]
    [InlineData("10000:00:00.0", "above FFFF")]
    [InlineData("0000:100:00.0", "above FF")]
    [InlineData("0000:00:20.0", "above 1F")]
    [InlineData("0000:00:00.8", "above 7")]
    [InlineData("0000:0g:00.0", "neither a hex number nor *")]
    [InlineData("0000:-1:00.0", "neither a hex number nor *")]
    [InlineData("0000:00:0*.0", "neither a hex number nor *")]
    [InlineData("ffffffff:00:00.0", "neither a hex number nor *")]
    [InlineData("0:0000:00:00.0", "not of the form")]
    public void A_wrong_glob_is_a_fault(string glob, string fault) =>
        Assert.Contains(fault, Assert.Throws<FormatException>(() => PciAddressPattern.ParseGlob(glob)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"bus": "8[4-7]"}""", true)]
    [InlineData("""{"bus": "8"}""", true)]
    [InlineData("""{"bus": "4"}""", false)]
    [InlineData("""{"domain": "0000", "slot": "00", "function": "[0-3]"}""", true)]
    [InlineData("""{"function": "1|0"}""", true)]
    [InlineData("{}", true)]
    public void Expressions_match_at_the_start_of_their_field(string expressions, bool matches)
    {
        Assert.True(PciAddress.TryParse("0000:84:00.0", out var address));
        var (specs, faults) = PciSpecParser.Parse([$$"""{"address": {{expressions}}}"""]);
        Assert.Empty(faults);
        Assert.Equal(matches, specs[0].Address.Matches(address));
    }

    [Fact]
    public void Ids_may_be_any_case_with_or_without_prefix_and_tags_of_nova_are_ignored()
    {
        var (specs, faults) = PciSpecParser.Parse(
        [
            """[{"vendor_id": "10DE", "product_id": "0x1eb8"}, {"vendor_id": "*", "physical_network": "physnet1", "trusted": "true"}]""",
            " auto ",
            " ",
        ]);
        Assert.Empty(faults);
        Assert.Equal([0x10de, null, null], specs.Select(spec => spec.VendorId));
        Assert.Equal([0x1eb8, null, null], specs.Select(spec => spec.ProductId));
        Assert.Equal([false, false, true], specs.Select(spec => spec.Auto));
    }

    [Fact]
    public void Type_resource_class_and_traits_are_read()
    {
        var (specs, faults) = PciSpecParser.Parse(["""{"type": "NIC", "resource_class": "FPGA", "traits": ["CUSTOM_X", "HW_NIC_SRIOV"]}"""]);
        Assert.Empty(faults);
        Assert.Equal(DeviceType.NIC, specs[0].Type);
        Assert.Equal("FPGA", specs[0].ResourceClass);
        Assert.Equal(["CUSTOM_X", "HW_NIC_SRIOV"], specs[0].Traits);
    }

    [Theory]
    [InlineData("10de:1eb8", "neither JSON")]
    [InlineData("{", "neither JSON")]
    [InlineData("3", "no JSON object")]
    [InlineData("[[]]", "no JSON object")]
    [InlineData("""{"vendor_id": "nvidia"}""", "vendor_id 'nvidia'")]
    [InlineData("""{"vendor_id": "10de0"}""", "vendor_id '10de0'")]
    [InlineData("""{"vendor_id": 4318}""", "vendor_id is no text")]
    [InlineData("""{"product_id": ""}""", "product_id ''")]
    [InlineData("""{"address": 7}""", "address is neither")]
    [InlineData("""{"address": {"bus": 7}}""", "address is neither")]
    [InlineData("""{"address": {"device": "00"}}""", "no field 'device'")]
    [InlineData("""{"address": {"bus": "("}}""", "no regular expression")]
    [InlineData("""{"address": {"bus": "(?=8)"}}""", "no regular expression")]
    [InlineData("""{"address": "1:1:1:1.0"}""", "not of the form")]
    [InlineData("""{"address": "*", "devname": "eth0"}""", "not both")]
    [InlineData("""{"devname": "../../etc"}""", "no name of a network interface")]
    [InlineData("""{"type": "gpu"}""", "type 'gpu'")]
    [InlineData("""{"type": "1"}""", "type '1'")]
    [InlineData("""{"resource_class": "custom_x"}""", "resource_class 'custom_x'")]
    [InlineData("""{"resource_class": "VCPU"}""", "resource_class 'VCPU'")]
    [InlineData("""{"traits": "CUSTOM_OK, no-trait"}""", "'no-trait'")]
    [InlineData("""{"traits": ["OWNER_NOVA"]}""", "'OWNER_NOVA'")]
    [InlineData("""{"traits": 1}""", "traits is neither")]
    public void A_wrong_spec_is_a_fault(string value, string fault)
    {
        var (specs, faults) = PciSpecParser.Parse([value]);
        Assert.Empty(specs);
        Assert.Contains(fault, Assert.Single(faults), StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var (specs, faults) = PciSpecParser.Parse(["""[{"vendor_id": "x"}, {"vendor_id": "10de"}, {"type": "y"}]""", "z"]);
        Assert.Single(specs);
        Assert.Equal(3, faults.Count);
    }
}
