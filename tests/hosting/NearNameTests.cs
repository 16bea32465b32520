namespace Cyborg.Hosting.Tests;

public sealed class NearNameTests
{
    private static readonly string[] Names = ["host_ip", "port", "enabled_drivers", "public_endpoint", "api_workers"];

    [Theory]
    [InlineData("prot", "port")]
    [InlineData("Port", "port")]
    [InlineData("ports", "port")]
    [InlineData("enabeld_drivers", "enabled_drivers")]
    [InlineData("enabled_driver", "enabled_drivers")]
    [InlineData("public_endpiont", "public_endpoint")]
    [InlineData("host-ip", "host_ip")]
    public void A_slip_finds_its_name(string written, string meant) => Assert.Equal(meant, NearName.Of(written, Names));

    [Theory]
    [InlineData("x")]
    [InlineData("zzzz")]
    [InlineData("workers")]
    [InlineData("public")]
    public void What_is_far_from_all_finds_none(string written) => Assert.Null(NearName.Of(written, Names));

    [Fact]
    public void A_word_without_end_costs_nothing() => Assert.Null(NearName.Of(new string('a', 1_000_000), Names));
}
