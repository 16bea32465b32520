using System.Net;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Api.Tests;

/// <summary>What clients see of usage: figures, or since when there are none.</summary>
public sealed class UsageTests
{
    private static readonly Guid Uuid = Guid.Parse("8e45a2ea-5364-4b0d-a252-bf8becaa606e");
    private static readonly DateTimeOffset Moment = new(2026, 11, 22, 21, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Figures_are_shown_in_the_order_of_their_names_with_the_moment_they_came()
    {
        var figures = new Dictionary<string, double> { ["utilization_percent"] = 37.5, ["accelerators_in_use"] = 0 };
        var (status, body) = await AskAsync(new AcceleratorUsage(Uuid, figures, Moment, null));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            """{"uuid":"8e45a2ea-5364-4b0d-a252-bf8becaa606e","usage":{"accelerators_in_use":0,"utilization_percent":37.5},"measured_at":"2026-11-22T21:00:00+00:00","unknown_since":null}""",
            body);
    }

    [Fact]
    public async Task What_is_not_known_is_null_and_since_when_is_said()
    {
        var (status, body) = await AskAsync(new AcceleratorUsage(Uuid, null, null, Moment));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            """{"uuid":"8e45a2ea-5364-4b0d-a252-bf8becaa606e","usage":null,"measured_at":null,"unknown_since":"2026-11-22T21:00:00+00:00"}""",
            body);
    }

    [Fact]
    public async Task Version_1_0_has_no_usage()
    {
        var (status, body) = await AskAsync(new AcceleratorUsage(Uuid, null, null, Moment), version: "accelerator 1.0");
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("1.1", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_what_is_no_accelerator_there_is_no_usage()
    {
        await using var service = await ScriptedService.StartAsync(conductor =>
            conductor.Map(Verbs.ShowUsage, (ask, _, _) => Task.FromException<AcceleratorUsage>(new FaultException(FaultCode.AcceleratorNotFound, $"no {ask.Uuid}"))));
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(service, $"/v1/accelerators/{Uuid}/usage", "accelerator 1.1")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(service, "/v1/accelerators/nothing/usage", "accelerator 1.1")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync(service, $"/v1/accelerators/{Uuid}/usage?color=red", "accelerator 1.1")).Status);
    }

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(AcceleratorUsage usage, string version = "accelerator 1.1")
    {
        await using var service = await ScriptedService.StartAsync(conductor => conductor.Map(Verbs.ShowUsage, (_, _, _) => Task.FromResult(usage)));
        return await AskAsync(service, $"/accelerator/{Uuid}/usage", version);
    }

    private static async Task<(HttpStatusCode Status, string Body)> AskAsync(ScriptedService service, string path, string version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("OpenStack-API-Version", version);
        using var answer = await service.Client.SendAsync(request, Cancellation);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }
}
