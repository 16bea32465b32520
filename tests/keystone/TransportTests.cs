using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cyborg.Identity.Session;

namespace Cyborg.Keystone.Tests;

public sealed class TransportTests : IAsyncLifetime
{
    private FakeKeystone _keystone = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private KeystoneSessionOptions Options => _keystone.Options with { EndpointOverride = new Uri(_keystone.Url) };

    public async ValueTask InitializeAsync() => _keystone = await FakeKeystone.StartAsync();

    public ValueTask DisposeAsync() => _keystone.DisposeAsync();

    [Theory]
    [InlineData("/a%2Fb/%7Bc%7D?x=%20&y&z=a:b,!c&z=%E2%82%AC")]
    [InlineData("/resource_providers?required=!CUSTOM_A&resources=FPGA:1&in_tree=")]
    [InlineData("/a//b/?x=1+2%2B")]
    public async Task Path_and_query_arrive_as_they_were_written(string path)
    {
        await using var server = new RawServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        using var session = _keystone.Session(Options with { EndpointOverride = server.Address });
        using var answer = await session.SendAsync("placement", new ServiceRequest(HttpMethod.Get, path), Stop);
        Assert.StartsWith($"GET {path} HTTP/1.1\r\n", await server.Request.WaitAsync(Stop), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("%(project_id)s")]
    [InlineData("$(project_id)s")]
    [InlineData("%(tenant_id)s")]
    public async Task The_project_takes_its_place_in_an_endpoint(string mark)
    {
        _keystone.LoginScript.Enqueue(context =>
        {
            context.Response.StatusCode = 201;
            context.Response.Headers["X-Subject-Token"] = "t";
            return Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(
                context.Response, """{"token":{"expires_at":"2030-01-01T00:00:00Z","project":{"id":"pro ject"}}}""", Stop);
        });
        _keystone.ServiceScript.Enqueue(FakeKeystone.Status(200));
        using var session = _keystone.Session(Options with { EndpointOverride = new Uri($"{_keystone.Url}/v1/{mark}/") });
        using var answer = await session.SendAsync("x", new ServiceRequest(HttpMethod.Get, "/y"), Stop);
        Assert.Contains(_keystone.Calls, call => call.Url is "/v1/pro ject/y" or "/v1/pro%20ject/y");
    }

    [Fact]
    public async Task An_endpoint_with_a_project_needs_a_token_with_one()
    {
        using var session = _keystone.Session(Options with { EndpointOverride = new Uri(_keystone.Url + "/%(project_id)s") });
        var fault = await Assert.ThrowsAsync<ServiceCallException>(() => session.SendAsync("x", new ServiceRequest(HttpMethod.Get, "/y"), Stop));
        Assert.Equal(ServiceCallFailure.NoEndpoint, fault.Failure);
    }

    [Fact]
    public async Task Statuses_and_lost_answers_have_their_own_number_of_attempts()
    {
        using var session = _keystone.Session(Options with { Retries = 0, StatusRetries = 1, RetryStatuses = [500], StatusRetryDelay = TimeSpan.Zero });
        _keystone.ServiceScript.Enqueue(FakeKeystone.Status(500));
        using var good = await session.SendAsync("x", new ServiceRequest(HttpMethod.Get, "/y"), Stop);
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        _keystone.ServiceScript.Enqueue(FakeKeystone.Status(503));
        using var other = await session.SendAsync("x", new ServiceRequest(HttpMethod.Get, "/y"), Stop);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, other.StatusCode);
        _keystone.ServiceScript.Enqueue(FakeKeystone.Close);
        // With a body, which HttpClient does not send again by itself on whatever connection.
        var put = new ServiceRequest(HttpMethod.Put, "/y") { Body = "{}"u8.ToArray(), IsIdempotent = true };
        await Assert.ThrowsAsync<ServiceCallException>(() => session.SendAsync("x", put, Stop));
    }

    [Fact]
    public async Task A_body_that_breaks_off_is_asked_for_again()
    {
        _keystone.ServiceScript.Enqueue(async context =>
        {
            context.Response.ContentLength = 10;
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, "12345", Stop);
            await context.Response.Body.FlushAsync(Stop);
            context.Abort();
        });
        using var session = _keystone.Session(Options);
        using var answer = await session.SendAsync("x", new ServiceRequest(HttpMethod.Get, "/y"), Stop);
        Assert.Equal("""{"ok":true}""", await answer.Content.ReadAsStringAsync(Stop));
    }

    [Fact]
    public async Task An_answer_beyond_16_MiB_is_refused_and_not_asked_for_again()
    {
        _keystone.ServiceScript.Enqueue(context => Megabytes(context, 17));
        using var session = _keystone.Session(Options);
        var fault = await Assert.ThrowsAsync<ServiceCallException>(() => session.SendAsync("x", new ServiceRequest(HttpMethod.Get, "/y"), Stop));
        Assert.Contains("ConfigurationLimitExceeded", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_streamed_answer_has_no_bound_and_comes_as_it_is_sent()
    {
        var go = new TaskCompletionSource();
        _keystone.ServiceScript.Enqueue(FakeKeystone.Status(503));
        _keystone.ServiceScript.Enqueue(async context =>
        {
            context.Response.ContentType = "application/octet-stream";
            await context.Response.Body.FlushAsync(Stop);
            await go.Task;
            await Megabytes(context, 20);
        });
        using var session = _keystone.Session(Options);
        using var answer = await session.SendAsync("image", new ServiceRequest(HttpMethod.Get, "/v2/images/i/file") { Streamed = true }, Stop);
        Assert.Equal("application/octet-stream", answer.Content.Headers.ContentType?.MediaType);
        go.SetResult();
        await using var body = await answer.Content.ReadAsStreamAsync(Stop);
        var buffer = new byte[100_000];
        long all = 0;
        while (await body.ReadAsync(buffer, Stop) is > 0 and var read)
            all += read;
        Assert.Equal(20L << 20, all);
    }

    [Fact]
    public async Task A_streamed_body_that_stops_is_a_fault()
    {
        using var session = _keystone.Session(Options with { Retries = 0 });
        _keystone.ServiceScript.Enqueue(context => MegabyteAndThen(context, FakeKeystone.Silence));
        using var answer = await session.SendAsync("image", new ServiceRequest(HttpMethod.Get, "/file") { Streamed = true }, Stop);
        await using var body = await answer.Content.ReadAsStreamAsync(Stop);
        await body.ReadExactlyAsync(new byte[1 << 20], Stop);
        var more = body.ReadAsync(new byte[1], Stop).AsTask();
        _keystone.Clock.Advance(_keystone.Options.Timeout - TimeSpan.FromTicks(1));
        Assert.False(more.IsCompleted);
        _keystone.Clock.Advance(TimeSpan.FromTicks(1));
        var fault = await Assert.ThrowsAsync<ServiceCallException>(() => more);
        Assert.Equal(ServiceCallFailure.Unavailable, fault.Failure);
    }

    [Fact]
    public async Task A_streamed_body_that_breaks_off_is_a_fault()
    {
        using var session = _keystone.Session(Options with { Retries = 0 });
        _keystone.ServiceScript.Enqueue(context => MegabyteAndThen(context, FakeKeystone.Close));
        using var answer = await session.SendAsync("image", new ServiceRequest(HttpMethod.Get, "/file") { Streamed = true }, Stop);
        var fault = await Assert.ThrowsAsync<ServiceCallException>(() => answer.Content.CopyToAsync(Stream.Null, Stop));
        Assert.Equal(ServiceCallFailure.Unavailable, fault.Failure);
    }

    [Fact]
    public async Task A_header_with_a_line_break_is_never_sent()
    {
        using var session = _keystone.Session(Options);
        var request = new ServiceRequest(HttpMethod.Get, "/y") { Headers = new Dictionary<string, string> { ["X-A"] = "a\r\nX-B: b" } };
        await Assert.ThrowsAsync<ArgumentException>(() => session.SendAsync("x", request, Stop));
    }

    [Fact]
    public async Task The_caller_can_give_up()
    {
        using var session = _keystone.Session(Options);
        (await session.SendAsync("x", new ServiceRequest(HttpMethod.Get, "/warm"), Stop)).Dispose();
        using var impatient = new CancellationTokenSource();
        _keystone.ServiceScript.Enqueue(async context =>
        {
            await impatient.CancelAsync();
            await FakeKeystone.Silence(context);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.SendAsync("x", new ServiceRequest(HttpMethod.Get, "/y"), impatient.Token));
    }

    [Fact]
    public async Task An_insecure_session_believes_any_certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=somebody", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await using var secure = await FakeKeystone.StartAsync(certificate);
        using var session = secure.Session(secure.Options with { EndpointOverride = new Uri(secure.Url), Insecure = true });
        using var answer = await session.SendAsync("x", new ServiceRequest(HttpMethod.Get, "/y"), Stop);
        Assert.Equal((HttpStatusCode.OK, null), (answer.StatusCode, secure.ClientCertificate));
    }

    [Fact]
    public async Task A_session_with_a_certificate_shows_it()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=cyborg", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await using var secure = await FakeKeystone.StartAsync(certificate);
        var folder = Directory.CreateTempSubdirectory("cyborg-certificate-");
        try
        {
            var (certFile, keyFile) = (Path.Combine(folder.FullName, "cert.pem"), Path.Combine(folder.FullName, "key.pem"));
            await File.WriteAllTextAsync(certFile, certificate.ExportCertificatePem(), Stop);
            await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem(), Stop);
            using var session = secure.Session(secure.Options with { EndpointOverride = new Uri(secure.Url), Insecure = true, CertFile = certFile, KeyFile = keyFile });
            using var answer = await session.SendAsync("x", new ServiceRequest(HttpMethod.Get, "/y"), Stop);
            Assert.Equal("CN=cyborg", secure.ClientCertificate);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task MegabyteAndThen(Microsoft.AspNetCore.Http.HttpContext context, Func<Microsoft.AspNetCore.Http.HttpContext, Task> end)
    {
        await Megabytes(context, 1);
        await context.Response.Body.FlushAsync(Stop);
        await end(context);
    }

    private static async Task Megabytes(Microsoft.AspNetCore.Http.HttpContext context, int count)
    {
        var megabyte = new byte[1 << 20];
        for (var i = 0; i < count; i++)
            await context.Response.Body.WriteAsync(megabyte, context.RequestAborted);
    }
}
