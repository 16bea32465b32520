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

    [Fact]
    public async Task Ids_of_many_threads_are_all_new_and_random_uuids()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 500).Select(_ => RequestId.New()).ToList())));
        Assert.Equal(4000, ids.SelectMany(some => some).Distinct().Count());
        Assert.All(ids.SelectMany(some => some), id => Assert.True(RequestId.IsValid(id) && id[18] == '4' && id[23] is '8' or '9' or 'a' or 'b', id));
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
