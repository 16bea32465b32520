using System.Net;
using System.Text;
using Cyborg.Api.Accelerators;
using Cyborg.Api.Errors;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Api.Tests;

/// <summary>What of accelerators only a look at bytes and headers shows; the rest is in the transcripts.</summary>
public sealed class AcceleratorApiTests
{
    private const string Odd = """{ "num":2,  "ipsec":{"aes":{"3des":5e1,"num":1.0}},"a":-0, "\u0061b":"\/é\ud83d\ude00" }""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Accelerator Shown(AccSpecs specs, Guid? uuid = null) => new()
    {
        Id = 1,
        Uuid = uuid ?? Guid.NewGuid(),
        Name = "card",
        Specs = specs,
        AccType = "ipsec",
        Generation = 7,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    [Fact]
    public async Task A_capability_goes_in_and_out_byte_for_byte()
    {
        UpdateAccelerator? asked = null;
        var uuid = Guid.NewGuid();
        await using var service = await ScriptedService.StartAsync(conductor =>
        {
            conductor.Map(Verbs.UpdateAccelerator, (request, _, _) => Task.FromResult((asked = request) is null ? null! : Done.Instance));
            conductor.Map(Verbs.ShowAccelerator, (_, _, _) => Task.FromResult(Shown(asked!.Change.Apply(AccSpecs.Plain), uuid)));
        });
        using var content = new StringContent($$$"""{"acc_specs":{"acc_capability":{{{Odd}}},"remote":0,"device_type":"CRYPTO","num":1}}""", null, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/v1/accelerators/{uuid}") { Content = content };
        request.Headers.TryAddWithoutValidation("If-Match", "\"3\", \"7\"");
        using var answer = await service.Client.SendAsync(request, Cancellation);
        Assert.Equal(
            $$$"""{"uuid":"{{{uuid}}}","acc_specs":{"remote":0,"num":1,"device_type":"CRYPTO","acc_capability":{{{Odd}}}}}""",
            Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(Cancellation)));
        Assert.Equal(Odd, asked!.Change.Capability);
        Assert.Equal([3, 7], asked.Generations!);
        Assert.Equal("\"7\"", answer.Headers.ETag!.Tag);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("*")]
    public void Without_a_tag_any_generation_will_do(string? header) => Assert.Null(IfMatch.Parse(header));

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("W/\"5\"")]
    [InlineData("\"x\"")]
    [InlineData("\"-1\"")]
    [InlineData("\"\"")]
    [InlineData("\"1\",")]
    [InlineData("\"99999999999999999999\"")]
    public void What_is_no_tag_is_refused(string header) => Assert.Equal(ApiError.Malformed, Assert.Throws<ApiException>(() => IfMatch.Parse(header)).Error);

    [Theory]
    [InlineData(null, "http://127.0.0.1", "/accelerators/")]
    [InlineData(null, "http://127.0.0.1", "/accelerator/accelerators/", "/accelerator")]
    [InlineData("https://cloud.example/compute/acc", "http://127.0.0.1", "/compute/acc/accelerators/")]
    public void The_location_of_what_was_made_is_a_path_of_this_host(string? publicEndpoint, string host, string expected, string mount = "")
    {
        var uuid = Guid.NewGuid();
        Assert.Equal(expected + uuid, Calls.Links.For(publicEndpoint, host, mount).Unversioned("accelerators", uuid));
    }

    [Theory]
    [InlineData(FaultCode.BackendFailed, HttpStatusCode.BadGateway)]
    [InlineData(FaultCode.StillGoingOn, HttpStatusCode.GatewayTimeout)]
    [InlineData(FaultCode.NotSupportedByDriver, HttpStatusCode.Conflict)]
    [InlineData(FaultCode.NoBackend, HttpStatusCode.Conflict)]
    [InlineData(FaultCode.AcceleratorNameExists, HttpStatusCode.Conflict)]
    [InlineData(FaultCode.AcceleratorUuidExists, HttpStatusCode.Conflict)]
    [InlineData(FaultCode.AcceleratorNotFound, HttpStatusCode.NotFound)]
    public async Task What_a_backend_does_shows_in_the_status(FaultCode code, HttpStatusCode expected)
    {
        await using var service = await ScriptedService.StartAsync(conductor =>
            conductor.Map(Verbs.CreateAccelerator, (_, _, _) => Task.FromException<AcceleratorCreated>(new FaultException(code, "says why"))));
        using var content = new StringContent("""{"name": "x"}""", null, "application/json");
        using var answer = await service.Client.PostAsync("/v1/accelerators", content, Cancellation);
        Assert.Equal(expected, answer.StatusCode);
        Assert.Contains("says why", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AcceleratorState.Creating)]
    [InlineData(AcceleratorState.Deleting)]
    [InlineData(AcceleratorState.Error)]
    public async Task What_has_no_device_is_not_set_ready(AcceleratorState state)
    {
        await using var service = await ScriptedService.StartAsync(conductor =>
            conductor.Map(Verbs.ShowAccelerator, (_, _, _) => Task.FromResult(Shown(AccSpecs.Plain) with { State = state })));
        using var content = new StringContent("""{"state": "ready"}""", null, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/v1/accelerators/{Guid.NewGuid()}") { Content = content };
        request.Headers.Add("OpenStack-API-Version", "accelerator 1.1");
        using var answer = await service.Client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
    }
}
