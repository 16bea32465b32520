using System.Net;

namespace Cyborg.E2E.Tests;

/// <summary>What any cloud shows to anybody.</summary>
[Collection(FernetCollection.Name)]
public sealed class StrangerTests(FernetCloud cloud) : EndToEndTest(cloud)
{
    [Fact]
    public async Task The_endpoint_of_the_catalog_tells_its_versions_to_everybody()
    {
        var answer = (await AskAsync("")).Expect(HttpStatusCode.OK);
        Assert.Contains("v2.0", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("no-token-at-all")]
    [InlineData("gAAAAABlAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ4In0.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Without_a_good_token_everybody_is_told_where_to_get_one(string? token)
    {
        (string, string)[] headers = token is null ? [] : [("X-Auth-Token", token)];
        var answer = (await AskAsync("/device_profiles", headers)).Expect(HttpStatusCode.Unauthorized);
        Assert.Contains("Keystone uri=", string.Join(' ', answer.Headers.WwwAuthenticate), StringComparison.Ordinal);
    }

    private async Task<Answer> AskAsync(string path, params (string, string)[] headers) =>
        await Cloud.Rest.AskAsync(HttpMethod.Get, await Cloud.Admin.EndpointAsync("accelerator", Stop) + path, null, headers, Stop);
}
