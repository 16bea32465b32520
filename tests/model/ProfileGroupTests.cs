namespace Cyborg.Model.Tests;

public sealed class ProfileGroupTests
{
    [Fact]
    public void A_group_is_parsed_once_into_what_it_asks_for()
    {
        var group = ProfileGroup.Parse(new Dictionary<string, string?>
        {
            ["resources:FPGA"] = "1",
            ["resources: CUSTOM_QAT "] = " 2",
            ["trait:CUSTOM_FAKE_DEVICE"] = "required",
            ["trait:OWNER_CYBORG"] = "forbidden",
            ["accel:bitstream_id"] = "b",
        });

        Assert.Equal(1, group.Resources["FPGA"]);
        Assert.Equal(2, group.Resources["CUSTOM_QAT"]);
        Assert.Equal(["CUSTOM_FAKE_DEVICE"], group.RequiredTraits);
        Assert.Equal(["OWNER_CYBORG"], group.ForbiddenTraits);
        Assert.Equal("b", group.Hints["bitstream_id"]);
        Assert.Equal(3, group.RequestCount);
        Assert.True(group.NeedsProgramming);
    }

    [Fact]
    public void Keys_and_values_are_shown_trimmed_and_in_their_order() =>
        Assert.Equal(
            ["trait:CUSTOM_B", "resources:FPGA", "accel:x"],
            ProfileGroup.Parse(new Dictionary<string, string?> { ["trait: CUSTOM_B"] = "required ", ["resources:FPGA"] = "1", ["accel:x"] = null }).Text.Keys);

    [Fact]
    public void A_xilinx_card_counts_its_fpgas_twice() =>
        Assert.Equal(4, ProfileGroup.Parse(new Dictionary<string, string?> { ["resources:FPGA"] = "2", ["trait:CUSTOM_FPGA_XILINX"] = "required" }).RequestCount);

    [Theory]
    [InlineData("FPGA", "1", "begin with 'resources:'")]
    [InlineData("resource:FPGA", "1", "begin with 'resources:'")]
    [InlineData("resources:", "1", "go on with a name")]
    [InlineData("resources:fpga", "1", "Unsupported resource class")]
    [InlineData("resources:MEMORY_MB", "1", "Unsupported resource class")]
    [InlineData("resources:CUSTOM_A\n", "x", "whole number")]
    [InlineData("resources:FPGA", "-5", "whole number")]
    [InlineData("resources:FPGA", "1.5", "whole number")]
    [InlineData("resources:FPGA", null, "whole number")]
    [InlineData("resources:FPGA", "129", "whole number")]
    [InlineData("resources:FPGA", "99999999999999999999", "whole number")]
    [InlineData("trait:FAKE", "required", "Unsupported trait name")]
    [InlineData("trait:CUSTOM_fake", "required", "Unsupported trait name")]
    [InlineData("trait:CUSTOM_FAKE", "wanted", "Unsupported trait value")]
    [InlineData("trait:CUSTOM_FAKE", null, "Unsupported trait value")]
    public void A_bad_group_says_what_would_be_right(string key, string? value, string says)
    {
        var fault = Assert.Throws<FaultException>(() => ProfileGroup.Parse(new Dictionary<string, string?> { [key] = value }));
        Assert.Equal(FaultCode.InvalidInput, fault.Code);
        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_given_twice_is_refused_also_when_blanks_hide_it() =>
        Assert.Throws<FaultException>(() => ProfileGroup.Parse(new Dictionary<string, string?> { ["resources:FPGA"] = "1", ["resources: FPGA"] = "1" }));

    [Fact]
    public void An_image_and_a_function_exclude_each_other() =>
        Assert.Throws<FaultException>(() => ProfileGroup.Parse(new Dictionary<string, string?> { ["accel:bitstream_id"] = "a", ["accel:function_id"] = "b" }));

    [Fact]
    public void A_profile_without_groups_or_with_too_much_is_refused()
    {
        Assert.Throws<FaultException>(() => ProfileGroup.ParseAll([]));
        var large = new Dictionary<string, string?> { ["resources:FPGA"] = "128" };
        Assert.Equal(4, ProfileGroup.ParseAll([large, large, large, large]).Count);
        Assert.Throws<FaultException>(() => ProfileGroup.ParseAll([large, large, large, large, large]));
    }
}
