using System.Net;
using System.Text.Json;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Api.Tests;

/// <summary>Attach and detach by version 1: what is asked of a conductor, and what its answers become. What needs no scripted conductor is in the
/// transcripts.</summary>
public sealed class AttachApiTests
{
    private const string Name = "card";

    private static readonly Guid Uuid = Guid.NewGuid();
    private static readonly Guid Server = Guid.NewGuid();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Accelerator Shown { get; } = new()
    {
        Id = 1,
        Uuid = Uuid,
        Name = Name,
        Specs = AccSpecs.Plain,
        AccType = "ipsec",
        Generation = 0,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    private static Attachment Attached { get; } = new()
    {
        Uuid = Guid.NewGuid(),
        Accelerator = Uuid,
        Arq = Guid.NewGuid(),
        TargetType = AttachTarget.Instance,
        Target = Server.ToString(),
        State = AttachmentState.Attached,
        HandleType = AttachHandleType.TEST_PCI,
        HandleInfo = """{"bus": "0c",  "device":"0"}""",
        ProjectId = "p1",
        CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch.AddSeconds(1),
    };

    [Theory]
    [InlineData("1.0", """{"name": "card"}""", null, null)]
    [InlineData("1.1", """{"name": "card", "uuid": "UUID"}""", null, null)]
    [InlineData("1.1", """{"name": "card", "target": {"type": "host"}}""", AttachTarget.Host, null)]
    [InlineData("1.1", """{"name": "card", "target": {"type": "host", "id": "compute1"}}""", AttachTarget.Host, "compute1")]
    [InlineData("1.1", """{"name": "card", "target": {"id": "SERVER", "type": "instance"}}""", AttachTarget.Instance, "SERVER")]
    public async Task An_attach_goes_where_its_target_says(string version, string body, AttachTarget? type, string? target)
    {
        AttachAccelerator? asked = null;
        await using var service = await StartAsync(attach: ask =>
        {
            asked = ask;
            return Attached;
        });
        using var answer = await SendAsync(service, HttpMethod.Put, $"/v1/accelerators/{Uuid}", body, version);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(new AttachAccelerator(Uuid, null, type, target?.Replace("SERVER", Server.ToString(), StringComparison.Ordinal)), asked);
    }

    [Theory]
    [InlineData("""{"name": "card", "target": null}""")]
    [InlineData("""{"name": "card", "target": "host"}""")]
    [InlineData("""{"name": "card", "target": {}}""")]
    [InlineData("""{"name": "card", "target": {"type": "instance"}}""")]
    [InlineData("""{"name": "card", "target": {"type": "instance", "id": "compute1"}}""")]
    [InlineData("""{"name": "card", "target": {"type": "rack", "id": "compute1"}}""")]
    [InlineData("""{"name": "card", "target": {"type": "host", "id": ""}}""")]
    [InlineData("""{"name": "card", "target": {"type": "host", "id": 7}}""")]
    [InlineData("""{"name": "card", "target": {"type": "host", "slot": 7}}""")]
    [InlineData("""{"name": "card", "host": "compute1"}""")]
    [InlineData("""{"name": "card", "uuid": "00000000-0000-4000-8000-000000000000"}""")]
    [InlineData("""{"name": 7}""")]
    public async Task A_target_that_makes_no_sense_is_refused(string body)
    {
        await using var service = await StartAsync();
        using var answer = await SendAsync(service, HttpMethod.Put, $"/v1/accelerators/{Uuid}", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("", null, null)]
    [InlineData("?host=compute1", AttachTarget.Host, "compute1")]
    [InlineData("?instance=SERVER", AttachTarget.Instance, "SERVER")]
    [InlineData("?instance=SERVER&deprovision=false", AttachTarget.Instance, "SERVER")]
    public async Task A_detach_is_narrowed_by_its_query(string query, AttachTarget? type, string? target)
    {
        DetachAccelerator? asked = null;
        await using var service = await StartAsync(detach: ask =>
        {
            asked = ask;
            return new Detached(true);
        });
        var path = $"/v1/accelerators/{Uuid}{query.Replace("SERVER", $"{Server:N}", StringComparison.Ordinal)}";
        using var answer = await SendAsync(service, HttpMethod.Delete, path, null);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(new DetachAccelerator(Uuid, type, target?.Replace("SERVER", Server.ToString(), StringComparison.Ordinal)), asked);
    }

    [Theory]
    [InlineData("?host=compute1&instance=SERVER")]
    [InlineData("?instance=compute1")]
    [InlineData("?host=compute1&deprovision=true")]
    [InlineData("?target=compute1")]
    public async Task A_detach_from_what_makes_no_sense_is_refused(string query)
    {
        await using var service = await StartAsync();
        var path = $"/v1/accelerators/{Uuid}{query.Replace("SERVER", Server.ToString(), StringComparison.Ordinal)}";
        using var answer = await SendAsync(service, HttpMethod.Delete, path, null);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("{}", false, null)]
    [InlineData("""{"accelerator": "UUID"}""", true, null)]
    [InlineData("""{"accelerator": "card"}""", true, null)]
    [InlineData("""{"device_profile": "fpga"}""", false, "fpga")]
    public async Task An_instance_gets_the_accelerator_that_is_named_or_one_that_fits(string body, bool named, string? profile)
    {
        AttachAccelerator? asked = null;
        await using var service = await StartAsync(attach: ask =>
        {
            asked = ask;
            return Attached;
        });
        using var answer = await SendAsync(service, HttpMethod.Post, $"/v1/instances/{Server:N}/attach", body);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(Uuid, Guid.Parse((await JsonAsync(answer)).GetProperty("uuid").GetString()!));
        Assert.Equal(new AttachAccelerator(named ? Uuid : null, profile, AttachTarget.Instance, Server.ToString()), asked);
    }

    [Theory]
    [InlineData("{}", false)]
    [InlineData("""{"accelerator": "UUID"}""", true)]
    [InlineData("""{"accelerator": "card"}""", true)]
    public async Task An_instance_gives_back_one_accelerator_or_all(string body, bool named)
    {
        DetachAccelerator? asked = null;
        await using var service = await StartAsync(detach: ask =>
        {
            asked = ask;
            return new Detached(true);
        });
        using var answer = await SendAsync(service, HttpMethod.Post, $"/v1/instances/{Server}/detach", body);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(new DetachAccelerator(named ? Uuid : null, AttachTarget.Instance, Server.ToString()), asked);
    }

    [Theory]
    [InlineData(FaultCode.InvalidInput, HttpStatusCode.BadRequest)]
    [InlineData(FaultCode.AcceleratorNotFound, HttpStatusCode.NotFound)]
    [InlineData(FaultCode.DeviceProfileNotFound, HttpStatusCode.NotFound)]
    [InlineData(FaultCode.Conflict, HttpStatusCode.Conflict)]
    [InlineData(FaultCode.DeviceUnusable, HttpStatusCode.Conflict)]
    [InlineData(FaultCode.NotSupportedByDriver, HttpStatusCode.Conflict)]
    [InlineData(FaultCode.NoFreeAttachHandle, HttpStatusCode.Conflict)]
    [InlineData(FaultCode.ResourceProviderNotFound, HttpStatusCode.Conflict)]
    [InlineData(FaultCode.BackendFailed, HttpStatusCode.BadGateway)]
    [InlineData(FaultCode.DriverFailed, HttpStatusCode.BadGateway)]
    [InlineData(FaultCode.StillGoingOn, HttpStatusCode.GatewayTimeout)]
    public async Task A_refusal_says_why_in_each_of_the_four_calls(FaultCode code, HttpStatusCode expected)
    {
        await using var service = await StartAsync(_ => throw new FaultException(code, "says why"), _ => throw new FaultException(code, "says why"));
        foreach (var (method, path, body) in Calls())
        {
            using var answer = await SendAsync(service, method, path, body);
            Assert.Equal((path, expected), (path, answer.StatusCode));
            Assert.Contains("says why", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_takes_longer_than_the_wait_is_504()
    {
        await using var service = await StartAsync(_ => Attached with { State = AttachmentState.Attaching }, _ => new Detached(false));
        foreach (var (method, path, body) in Calls())
        {
            using var answer = await SendAsync(service, method, path, body);
            Assert.Equal((path, HttpStatusCode.GatewayTimeout), (path, answer.StatusCode));
        }
    }

    [Fact]
    public async Task A_conductor_that_is_not_heard_in_time_is_504_too()
    {
        var never = new TaskCompletionSource();
        await using var service = await ScriptedService.StartAsync(
            conductor =>
            {
                conductor.Map(Verbs.ShowAccelerator, (_, _, _) => Task.FromResult(Shown));
                conductor.Map(Verbs.DetachAccelerator, async (_, _, stop) =>
                {
                    await never.Task.WaitAsync(stop);
                    return new Detached(true);
                });
            },
            config => config.With(ApiOptions.CallTimeoutOption, 1));
        using var answer = await SendAsync(service, HttpMethod.Delete, $"/v1/accelerators/{Uuid}", null);
        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
    }

    [Fact]
    public async Task Another_name_than_the_accelerators_attaches_nothing()
    {
        await using var service = await StartAsync(_ => throw new InvalidOperationException("asked"));
        using var answer = await SendAsync(service, HttpMethod.Put, $"/v1/accelerators/{Uuid}", """{"name": "other"}""");
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains("other", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attachments_are_shown_as_a_compute_service_needs_them()
    {
        var waiting = Attached with
        {
            TargetType = AttachTarget.Host,
            Target = "compute1",
            State = AttachmentState.Attaching,
            Reason = "Placement is away",
            Arq = null,
            HandleType = null,
            HandleInfo = null,
            UpdatedAt = null,
        };
        await using var service = await ScriptedService.StartAsync(conductor =>
            conductor.Map(Verbs.ShowAccelerator, (_, _, _) => Task.FromResult(Shown with { Attachments = [Attached, waiting] })));
        using var answer = await SendAsync(service, HttpMethod.Get, $"/v1/accelerators/{Uuid}", null);
        var info = (await JsonAsync(answer)).GetProperty("attach_info");
        Assert.Equal(
            $$$"""{"uuid":"{{{Attached.Uuid}}}","target_type":"instance","target":"{{{Server}}}","state":"attached","reason":null,"accelerator_request_uuid":"{{{Attached.Arq}}}","attach_handle_type":"TEST_PCI","attach_handle_info":{"bus": "0c",  "device":"0"},"project_id":"p1","created_at":"1970-01-01T00:00:00+00:00","updated_at":"1970-01-01T00:00:01+00:00"}""",
            info[0].GetRawText());
        Assert.Equal(
            $$"""{"uuid":"{{waiting.Uuid}}","target_type":"host","target":"compute1","state":"attaching","reason":"Placement is away","accelerator_request_uuid":null,"attach_handle_type":null,"attach_handle_info":null,"project_id":"p1","created_at":"1970-01-01T00:00:00+00:00","updated_at":null}""",
            info[1].GetRawText());
        using var old = await SendAsync(service, HttpMethod.Get, $"/v1/accelerators/{Uuid}", null, "1.0");
        Assert.False((await JsonAsync(old)).TryGetProperty("attach_info", out _));
    }

    private static IEnumerable<(HttpMethod Method, string Path, string? Body)> Calls() =>
    [
        (HttpMethod.Put, $"/v1/accelerators/{Uuid}", """{"name": "card"}"""),
        (HttpMethod.Delete, $"/v1/accelerators/{Uuid}", null),
        (HttpMethod.Post, $"/v1/instances/{Server}/attach", "{}"),
        (HttpMethod.Post, $"/v1/instances/{Server}/detach", "{}"),
    ];

    private static Task<ScriptedService> StartAsync(Func<AttachAccelerator, Attachment>? attach = null, Func<DetachAccelerator, Detached>? detach = null) =>
        ScriptedService.StartAsync(conductor =>
        {
            conductor.Map(Verbs.ShowAccelerator, (_, _, _) => Task.FromResult(Shown));
            conductor.Map(Verbs.ListAccelerators, (ask, _, _) => Task.FromResult(new AcceleratorList(ask.Name == Name ? [Shown] : [], More: false)));
            conductor.Map(Verbs.AttachAccelerator, (ask, _, _) => Task.FromResult((attach ?? (_ => Attached))(ask)));
            conductor.Map(Verbs.DetachAccelerator, (ask, _, _) => Task.FromResult((detach ?? (_ => new Detached(true)))(ask)));
        });

    private static async Task<HttpResponseMessage> SendAsync(ScriptedService service, HttpMethod method, string path, string? body, string version = "1.1")
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("OpenStack-API-Version", $"accelerator {version}");
        if (body is not null)
        {
            var filled = body.Replace("UUID", Uuid.ToString(), StringComparison.Ordinal).Replace("SERVER", Server.ToString(), StringComparison.Ordinal);
            request.Content = new StringContent(filled, null, "application/json");
        }
        return await service.Client.SendAsync(request, Cancellation);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer)
    {
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation));
        return document.RootElement.Clone();
    }
}
