namespace Cyborg.Hosting.Tests;

public sealed class RequestIdTests
{
    [Fact]
    public void A_new_id_is_valid_and_new()
    {
        Assert.True(RequestId.IsValid(RequestId.New()));
        Assert.NotEqual(RequestId.New(), RequestId.New());
        Assert.Equal('4', RequestId.New()[18]);
    }

    [Theory]
    [InlineData("req-0a1b2c3d-0000-4000-8000-0123456789ab", true)]
    [InlineData("req-0A1B2C3D-0000-4000-8000-0123456789AB", true)]
    [InlineData("REQ-0a1b2c3d-0000-4000-8000-0123456789ab", false)]
    [InlineData("0a1b2c3d-0000-4000-8000-0123456789ab", false)]
    [InlineData("req-0a1b2c3d00004000800000123456789ab", false)]
    [InlineData("req-0a1b2c3d-0000-4000-8000-0123456789ag", false)]
    [InlineData("req-0a1b2c3d-0000-4000-8000-0123456789ab ", false)]
    [InlineData("req-0a1b2c3d-0000-4000-8000-0123456789ab\n", false)]
    [InlineData("req-", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_req_and_a_uuid_is_valid(string? text, bool expected) => Assert.Equal(expected, RequestId.IsValid(text));
}
