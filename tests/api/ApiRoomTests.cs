using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Cyborg.Hosting;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Api.Tests;

public sealed class ApiRoomTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FaultCode.Busy, 503, "1")]
    [InlineData(FaultCode.Unavailable, 503, "5")]
    [InlineData(FaultCode.Conflict, 409, null)]
    [InlineData(FaultCode.DeviceNotFound, 404, null)]
    [InlineData(FaultCode.InvalidInput, 400, null)]
    public async Task Faults_of_the_conductor_become_statuses(FaultCode code, int status, string? retryAfter)
    {
        await using var service = await ScriptedService.StartAsync(conductor =>
            conductor.Map(Verbs.ListDevices, (_, _, _) => throw new FaultException(code, "the conductor's words")));
        using var answer = await service.Client.GetAsync("/v2/devices", Cancellation);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(retryAfter, answer.Headers.RetryAfter?.ToString());
        Assert.Equal(status < 500, (await FaultStringAsync(answer)).Contains("the conductor's words", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_conductor_the_service_is_unavailable_at_once()
    {
        await using var service = await ScriptedService.StartAsync(_ => { });
        using var answer = await service.Client.GetAsync("/v2/devices", Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("No conductor is there to answer.", await FaultStringAsync(answer));
    }

    [Fact]
    public async Task What_breaks_inside_is_told_by_its_request_id_only()
    {
        await using var service = await ScriptedService.StartAsync(conductor =>
            conductor.Map(Verbs.ListDevices, (_, _, _) => throw new InvalidOperationException("secret of the inside")));
        using var answer = await service.Client.GetAsync("/v2/devices", Cancellation);
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        var text = await FaultStringAsync(answer);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.Contains(answer.Headers.GetValues("x-openstack-request-id").Single(), text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_conductor_learns_who_asks_and_under_which_ids()
    {
        CallContext? seen = null;
        await using var service = await ScriptedService.StartAsync(conductor => conductor.Map(Verbs.ListArqs, (_, context, _) =>
        {
            seen = context;
            return Task.FromResult(new ArqList([]));
        }));
        const string globalId = "req-11111111-1111-4111-8111-111111111111";
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v2/accelerator_requests");
        request.Headers.Add("X-Roles", "member");
        request.Headers.Add("X-Project-Id", "p1");
        request.Headers.Add("X-Service-Roles", "service");
        request.Headers.Add("X-Openstack-Request-Id", globalId);
        using var answer = await service.Client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.NotNull(seen);
        Assert.Equal(("p1", false, true), (seen.Caller.ProjectId, seen.Caller.IsAdmin, seen.Caller.IsService));
        Assert.Equal(globalId, seen.GlobalRequestId);
        Assert.Equal(answer.Headers.GetValues("x-openstack-request-id").Single(), seen.RequestId);
        Assert.NotEqual(globalId, seen.RequestId);
    }

    [Fact]
    public async Task An_answer_has_its_length()
    {
        await using var service = await ScriptedService.StartAsync(conductor =>
            conductor.Map(Verbs.ListDevices, (_, _, _) => Task.FromResult(new DeviceList([]))));
        using var answer = await service.Client.GetAsync("/v2/devices", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.NotNull(answer.Content.Headers.ContentLength);
        Assert.NotEqual(true, answer.Headers.TransferEncodingChunked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_bound_is_refused_with_and_without_its_length(bool chunked)
    {
        await using var service = await ScriptedService.StartAsync(_ => { }, config => config.With(ApiOptions.MaxBodyOption, 2048));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/attributes") { Content = new ByteArrayContent(new byte[4096]) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TransferEncodingChunked = chunked;
        using var answer = await service.Client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task Links_follow_the_public_endpoint()
    {
        await using var service = await ScriptedService.StartAsync(_ => { }, config => config.With(ApiOptions.PublicEndpointOption, "https://cloud.example/accelerator"));
        var root = await service.Client.GetStringAsync("/", Cancellation);
        Assert.Contains("\"https://cloud.example/accelerator/v2\"", root, StringComparison.Ordinal);
        var version = await service.Client.GetStringAsync("/accelerator/v2", Cancellation);
        Assert.Contains("\"https://cloud.example/accelerator/v2/\"", version, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "\"https://cloud.example/mnt/v2/\"")]
    [InlineData(false, "\"http://127.0.0.1")]
    public async Task A_proxy_is_believed_only_if_the_operator_says_so(bool enabled, string link)
    {
        await using var service = await ScriptedService.StartAsync(_ => { }, config => config.With(ApiOptions.ProxyHeadersOption, enabled));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v2");
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", "cloud.example");
        request.Headers.Add("X-Forwarded-Prefix", "/mnt");
        using var answer = await service.Client.SendAsync(request, Cancellation);
        Assert.Contains(link, await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Web_pages_may_call_only_if_the_operator_says_so()
    {
        await using var closed = await ScriptedService.StartAsync(_ => { });
        using var refused = await closed.Client.SendAsync(Preflight(), Cancellation);
        Assert.False(refused.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, refused.StatusCode);

        await using var open = await ScriptedService.StartAsync(_ => { }, config => config.With(ApiOptions.CorsOriginsOption, ["https://dashboard.example"]));
        using var allowed = await open.Client.SendAsync(Preflight(), Cancellation);
        Assert.Equal("https://dashboard.example", allowed.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.True(allowed.IsSuccessStatusCode);
    }

    [Fact]
    public async Task The_health_check_tells_what_is_wrong()
    {
        var health = new HealthRegistry();
        await using var service = await ScriptedService.StartAsync(_ => { }, health: health);
        Assert.Equal("OK", await service.Client.GetStringAsync("/healthcheck", Cancellation) is var json ? Reasons(json).Single() : "");
        health.Register("bus", () => "not connected");
        using var answer = await service.Client.GetAsync("/healthcheck", Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(["bus: not connected"], Reasons(await answer.Content.ReadAsStringAsync(Cancellation)));
    }

    [Fact]
    public async Task While_a_request_is_being_bound_its_instance_is_locked()
    {
        var arq = new AcceleratorRequest
        {
            Uuid = Guid.NewGuid(),
            State = ArqState.BindStarted,
            DeviceProfileName = "p",
            DeviceProfileGroupId = 0,
            CreatedAt = DateTimeOffset.UnixEpoch,
        };
        await using var service = await ScriptedService.StartAsync(conductor =>
            conductor.Map(Verbs.ListArqs, (_, _, _) => Task.FromResult(new ArqList([arq]))));
        using var locked = await service.Client.GetAsync($"/v2/accelerator_requests?instance={Guid.NewGuid()}&bind_state=resolved", Cancellation);
        Assert.Equal(HttpStatusCode.Locked, locked.StatusCode);
        Assert.Equal("""{"error_message":"null"}""", await locked.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("""{"arqs":[]}""", await service.Client.GetStringAsync("/v2/accelerator_requests?bind_state=resolved", Cancellation));
        var shown = await service.Client.GetStringAsync($"/v2/accelerator_requests?instance={Guid.NewGuid()}", Cancellation);
        Assert.Contains("\"state\":\"BindStarted\"", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_HTTP_is_a_bad_request()
    {
        await using var service = await ScriptedService.StartAsync(_ => { });
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, service.Client.BaseAddress!.Port, Cancellation);
        await using var stream = socket.GetStream();
        await stream.WriteAsync("POST /v2/attributes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"u8.ToArray(), Cancellation);
        using var reader = new StreamReader(stream);
        Assert.Equal("HTTP/1.1 400 Bad Request", await reader.ReadLineAsync(Cancellation));
    }

    [Fact]
    public async Task A_client_of_HTTP_1_0_need_not_name_the_host()
    {
        await using var service = await ScriptedService.StartAsync(_ => { });
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, service.Client.BaseAddress!.Port, Cancellation);
        await using var stream = socket.GetStream();
        await stream.WriteAsync("GET / HTTP/1.0\r\n\r\n"u8.ToArray(), Cancellation);
        using var reader = new StreamReader(stream);
        Assert.Contains($"http://127.0.0.1:{service.Client.BaseAddress!.Port}/v2", await reader.ReadToEndAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TLS_is_spoken_with_the_operators_certificate()
    {
        var file = Path.GetTempFileName();
        try
        {
            using var key = ECDsa.Create();
            using var certificate = new CertificateRequest("CN=cyborg", key, HashAlgorithmName.SHA256)
                .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            await File.WriteAllTextAsync(file, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem(), Cancellation);
            await using var service = await ScriptedService.StartAsync(_ => { }, config => config.With(ApiOptions.EnableTlsOption, true).With(ApiOptions.CertFileOption, file));
            using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, seen, _, _) => seen?.Subject == "CN=cyborg" };
            using var client = new HttpClient(handler);
            var root = await client.GetStringAsync(service.Client.BaseAddress, Cancellation);
            Assert.Contains("\"https://127.0.0.1:", root, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_profile_name_error_takes_upstreams_code_with_the_switch()
    {
        foreach (var (upstream, status) in new[] { (false, HttpStatusCode.BadRequest), (true, HttpStatusCode.InternalServerError) })
        {
            await using var service = await ScriptedService.StartAsync(_ => { }, config => config.With(ApiOptions.UpstreamFaultCodesOption, upstream));
            using var content = new StringContent("[{\"name\": \"\"}]", null, "application/json");
            using var answer = await service.Client.PostAsync("/v2/device_profiles", content, Cancellation);
            Assert.Equal(status, answer.StatusCode);
            Assert.Equal("DeviceProfile name needed.", await FaultStringAsync(answer));
        }
    }

    [Fact]
    public async Task A_call_that_takes_too_long_is_unavailable()
    {
        await using var service = await ScriptedService.StartAsync(
            conductor => conductor.Map(Verbs.ListDevices, async (_, _, cancellation) =>
            {
                await Task.Delay(Timeout.Infinite, cancellation);
                return new DeviceList([]);
            }),
            config => config.With(ApiOptions.CallTimeoutOption, 1));
        using var answer = await service.Client.GetAsync("/v2/devices", Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    [Fact]
    public async Task A_services_request_waits_for_a_conductor_that_starts_anew()
    {
        await using var service = await ScriptedService.StartAsync(_ => { }, config => config.With(ApiOptions.ConductorWaitOption, 600));
        using var asked = ServiceRequest();
        var waiting = service.Client.SendAsync(asked, Cancellation);
        // Who is no service is told at once, so this one has been asked while the other waits.
        using var refused = await service.Client.GetAsync("/v2/devices", Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.False(waiting.IsCompleted);
        await using var conductor = await service.StartConductorAsync(server => server.Map(Verbs.ListArqs, (_, _, _) => Task.FromResult(new ArqList([]))));
        using var answer = await waiting;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_services_request_does_not_wait_with_conductor_wait_0()
    {
        await using var service = await ScriptedService.StartAsync(_ => { }, config => config.With(ApiOptions.ConductorWaitOption, 0));
        using var asked = ServiceRequest();
        using var answer = await service.Client.SendAsync(asked, Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    private static HttpRequestMessage ServiceRequest()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v2/accelerator_requests");
        request.Headers.Add("X-Project-Id", "p1");
        request.Headers.Add("X-Service-Roles", "service");
        request.Headers.Add("X-Service-Token", "nova's");
        return request;
    }

    private static HttpRequestMessage Preflight()
    {
        var request = new HttpRequestMessage(HttpMethod.Options, "/v2/devices");
        request.Headers.Add("Origin", "https://dashboard.example");
        request.Headers.Add("Access-Control-Request-Method", "GET");
        return request;
    }

    private static string[] Reasons(string json) =>
        [.. JsonDocument.Parse(json).RootElement.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString()!)];

    private static async Task<string> FaultStringAsync(HttpResponseMessage answer)
    {
        using var outer = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancellation));
        using var inner = JsonDocument.Parse(outer.RootElement.GetProperty("error_message").GetString()!);
        return inner.RootElement.GetProperty("faultstring").GetString()!;
    }
}
