namespace Cyborg.Model.Tests;

public class ImageWishTests
{
    [Fact]
    public void A_group_wishes_for_an_image_a_function_or_nothing()
    {
        var image = Guid.NewGuid();
        Assert.Null(Wish());
        Assert.Null(Wish(("accel:note", "x")));
        Assert.Equal(new ImageWish(image), Wish(("accel:bitstream_id", image.ToString())));
        Assert.Equal(new ImageWish(image), Wish(("accel:bitstream_id", image.ToString("N").ToUpperInvariant())));
        Assert.Equal(new ImageWish(Function: "a b"), Wish(("accel:function_id", " a b ")));
    }

    [Theory]
    [InlineData("accel:bitstream_id", "latest")]
    [InlineData("accel:bitstream_id", "")]
    [InlineData("accel:bitstream_id", null)]
    [InlineData("accel:bitstream_id", "{00000000-0000-0000-0000-000000000001}")]
    [InlineData("accel:function_id", "")]
    [InlineData("accel:function_id", null)]
    [InlineData("accel:function_id", "a\nb")]
    public void What_names_no_image_is_a_clients_mistake(string key, string? value) =>
        Assert.Equal(FaultCode.InvalidInput, Assert.Throws<FaultException>(() => Wish((key, value))).Code);

    [Fact]
    public void A_function_has_a_longest_name()
    {
        Assert.NotNull(Wish(("accel:function_id", new string('f', ImageWish.MaxFunction))));
        Assert.Throws<FaultException>(() => Wish(("accel:function_id", new string('f', ImageWish.MaxFunction + 1))));
    }

    [Theory]
    [InlineData("intel", "d8424dc4-a4a3-c413-f89e-433683f9040b", "CUSTOM_FPGA_FUNCTION_ID_INTEL_D8424DC4_A4A3_C413_F89E_433683F9040B")]
    [InlineData("XILINX", "aes 256/ü", "CUSTOM_FPGA_FUNCTION_ID_XILINX_AES_256__")]
    public void A_functions_trait_is_one_that_placement_takes(string vendor, string function, string trait)
    {
        Assert.Equal(trait, FunctionTraits.Name(vendor, function));
        Assert.True(PlacementNames.IsTrait(trait));
    }

    [Fact]
    public void Long_names_of_functions_stay_valid_and_different()
    {
        var (one, other) = (FunctionTraits.Name("intel", new string('a', 250) + "1"), FunctionTraits.Name("intel", new string('a', 250) + "2"));
        Assert.True(PlacementNames.IsTrait(one));
        Assert.Equal(PlacementNames.MaxLength, one.Length);
        Assert.NotEqual(one, other);
        Assert.StartsWith(FunctionTraits.Prefix, one, StringComparison.Ordinal);
    }

    private static ImageWish? Wish(params (string Key, string? Value)[] hints) =>
        ImageWish.Of(ProfileGroup.Parse(hints.Prepend(("resources:FPGA", "1")).ToDictionary(hint => hint.Item1, hint => hint.Item2)));
}
