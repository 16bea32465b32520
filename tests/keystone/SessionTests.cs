using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Cyborg.Identity.Session;

namespace Cyborg.Keystone.Tests;

public sealed class SessionTests : IAsyncLifetime
{
    private static readonly ServiceRequest Get = new(HttpMethod.Get, "/resource_providers?name=a");
    private FakeKeystone _keystone = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _keystone = await FakeKeystone.StartAsync();
        _keystone.Catalog =
        [
            Service("compute", ("public", "One", "/nova")),
            Service("placement", ("public", "One", "/public"), ("internal", "One", "/internal/"), ("internal", "Two", "/two"),
                ("admin", "One", "ftp://x")),
        ];
    }

    public ValueTask DisposeAsync() => _keystone.DisposeAsync();

    [Theory]
    [InlineData("internal,public", null, "placement", "/internal")]
    [InlineData("public,internal", null, "placement", "/public")]
    [InlineData("internalURL", "Two", "placement", "/two")]
    [InlineData("internal,public", null, "compute", "/nova")]
    public async Task The_catalog_gives_the_endpoint(string interfaces, string? region, string type, string expected)
    {
        using var session = _keystone.Session(_keystone.Options with { Interfaces = interfaces.Split(','), Region = region });
        using var answer = await session.SendAsync(type, Get, Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(expected + "/resource_providers?name=a", _keystone.Calls.Last().Url);
        Assert.Equal("service-token-1", _keystone.Calls.Last().Headers["X-Auth-Token"]);
    }

    [Theory]
    [InlineData("image", "internal", null)]
    [InlineData("placement", "public", "Two")]
    [InlineData("compute", "internal", null)]
    [InlineData("placement", "admin", null)]
    public async Task What_the_catalog_lacks_is_told(string type, string interfaces, string? region)
    {
        using var session = _keystone.Session(_keystone.Options with { Interfaces = [interfaces], Region = region });
        var fault = await Assert.ThrowsAsync<ServiceCallException>(() => session.SendAsync(type, Get, Stop));
        Assert.Equal(ServiceCallFailure.NoEndpoint, fault.Failure);
        Assert.Contains(type, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_override_needs_no_catalog()
    {
        _keystone.Catalog = [];
        using var session = _keystone.Session(_keystone.Options with { EndpointOverride = new Uri(_keystone.Url + "/mine/") });
        using var answer = await session.SendAsync("placement", Get, Stop);
        Assert.Equal("/mine/resource_providers?name=a", _keystone.Calls.Last().Url);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/v3")]
    [InlineData("/v3/")]
    public async Task An_auth_url_may_end_in_v3(string tail)
    {
        using var session = _keystone.Session(_keystone.Options with { AuthUrl = new Uri(_keystone.Url + tail) });
        using var answer = await session.SendAsync("placement", Get, Stop);
        Assert.Equal(1, _keystone.Logins);
    }

    [Fact]
    public async Task Bodies_have_a_length_and_are_not_chunked()
    {
        using var session = _keystone.Session();
        var body = Encoding.UTF8.GetBytes("""{"name":"é"}""");
        using var answer = await session.SendAsync("placement", new ServiceRequest(HttpMethod.Post, "/x") { Body = body }, Stop);
        foreach (var call in _keystone.Calls.Where(call => call.Method == "POST"))
        {
            Assert.Equal(Encoding.UTF8.GetByteCount(call.Body).ToString(), call.Headers["Content-Length"]);
            Assert.False(call.Headers.ContainsKey("Transfer-Encoding"));
            Assert.Equal("application/json", call.Headers["Content-Type"]);
        }
    }

    [Fact]
    public async Task A_password_login_says_user_and_project()
    {
        using var session = _keystone.Session();
        using var answer = await session.SendAsync("placement", Get, Stop);
        AssertJson(
            """
            {"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"cyborg","domain":{"id":"default"},"password":"s3cret-pass"}}},
             "scope":{"project":{"name":"service","domain":{"id":"default"}}}}}
            """,
            _keystone.Calls.First().Body);
    }

    [Fact]
    public void Other_logins_say_what_they_are()
    {
        AssertJson(
            """{"auth":{"identity":{"methods":["application_credential"],"application_credential":{"id":"i","secret":"s"}}}}""",
            new ApplicationCredential { Id = "i", Secret = "s" }.ToBody());
        AssertJson(
            """
            {"auth":{"identity":{"methods":["application_credential"],"application_credential":
             {"name":"n","secret":"s","user":{"name":"u","domain":{"name":"D"}}}}}}
            """,
            new ApplicationCredential { Name = "n", Secret = "s", UserName = "u", UserDomainName = "D" }.ToBody());
        AssertJson(
            """{"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"u","password":"p"}}},"scope":{"system":{"all":true}}}}""",
            new PasswordCredential { UserId = "u", Password = "p", SystemScope = "all" }.ToBody());
        AssertJson(
            """{"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"u","password":"p"}}},"scope":{"domain":{"id":"d"}}}}""",
            new PasswordCredential { UserId = "u", Password = "p", DomainId = "d" }.ToBody());
    }

    [Fact]
    public async Task A_hundred_first_calls_log_in_once()
    {
        var open = new TaskCompletionSource();
        _keystone.LoginScript.Enqueue(async context =>
        {
            await open.Task;
            context.Response.StatusCode = 503;
        });
        using var session = _keystone.Session();
        var all = Enumerable.Range(0, 100).Select(_ => session.SendAsync("placement", Get, Stop)).ToList();
        open.SetResult();
        foreach (var answer in await Task.WhenAll(all))
            answer.Dispose();
        Assert.Equal(2, _keystone.Logins);
    }

    [Fact]
    public async Task The_token_is_kept_until_shortly_before_its_expiry()
    {
        using var session = _keystone.Session();
        (await session.SendAsync("placement", Get, Stop)).Dispose();
        _keystone.Clock.Advance(TimeSpan.FromSeconds(3600 - 31));
        (await session.SendAsync("placement", Get, Stop)).Dispose();
        Assert.Equal(1, _keystone.Logins);
        _keystone.Clock.Advance(TimeSpan.FromSeconds(1));
        (await session.SendAsync("placement", Get, Stop)).Dispose();
        Assert.Equal(2, _keystone.Logins);
    }

    [Fact]
    public async Task A_401_logs_in_again_once()
    {
        using var session = _keystone.Session();
        (await session.SendAsync("placement", Get, Stop)).Dispose();
        _keystone.RevokeServiceTokens();
        using var post = await session.SendAsync("placement", new ServiceRequest(HttpMethod.Post, "/x") { Body = [] }, Stop);
        Assert.Equal((HttpStatusCode.OK, 2), (post.StatusCode, _keystone.Logins));
        _keystone.ServiceScript.Enqueue(FakeKeystone.Status(401));
        _keystone.ServiceScript.Enqueue(FakeKeystone.Status(401));
        using var last = await session.SendAsync("placement", Get, Stop);
        Assert.Equal((HttpStatusCode.Unauthorized, 3), (last.StatusCode, _keystone.Logins));
    }

    [Fact]
    public async Task Idempotent_calls_are_tried_again_so_often()
    {
        using var session = _keystone.Session();
        _keystone.ServiceScript.Enqueue(FakeKeystone.Status(503));
        _keystone.ServiceScript.Enqueue(FakeKeystone.Close);
        using var good = await session.SendAsync("placement", Get, Stop);
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
        for (var i = 0; i < 3; i++)
            _keystone.ServiceScript.Enqueue(FakeKeystone.Status(502));
        using var bad = await session.SendAsync("placement", Get, Stop);
        Assert.Equal(HttpStatusCode.BadGateway, bad.StatusCode);
        Assert.Empty(_keystone.ServiceScript);
    }

    [Fact]
    public async Task Other_calls_and_other_statuses_are_not_tried_again()
    {
        using var session = _keystone.Session();
        _keystone.ServiceScript.Enqueue(FakeKeystone.Status(503));
        using var post = await session.SendAsync("placement", new ServiceRequest(HttpMethod.Post, "/x") { Body = [] }, Stop);
        _keystone.ServiceScript.Enqueue(FakeKeystone.Close);
        await Assert.ThrowsAsync<ServiceCallException>(() => session.SendAsync("placement", new ServiceRequest(HttpMethod.Patch, "/x") { Body = "{}"u8.ToArray() }, Stop));
        _keystone.ServiceScript.Enqueue(FakeKeystone.Status(500));
        using var get = await session.SendAsync("placement", Get, Stop);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.InternalServerError), (post.StatusCode, get.StatusCode));
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        using var session = _keystone.Session();
        _keystone.ServiceScript.Enqueue(context =>
        {
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        });
        using var answer = await session.SendAsync("placement", Get, Stop);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
    }

    [Theory]
    [InlineData(401, ServiceCallFailure.Refused)]
    [InlineData(404, ServiceCallFailure.Refused)]
    [InlineData(500, ServiceCallFailure.Unavailable)]
    public async Task A_failed_login_answers_for_a_moment_and_is_then_tried_again(int status, ServiceCallFailure expected)
    {
        _keystone.LoginScript.Enqueue(FakeKeystone.Status(status));
        using var session = _keystone.Session();
        for (var i = 0; i < 5; i++)
            Assert.Equal(expected, (await Assert.ThrowsAsync<ServiceCallException>(() => session.SendAsync("placement", Get, Stop))).Failure);
        Assert.Equal(1, _keystone.Logins);
        _keystone.Clock.Advance(TimeSpan.FromSeconds(1));
        using var answer = await session.SendAsync("placement", Get, Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_CA_file_is_the_only_root()
    {
        using var certificate = Certificate();
        await using var secure = await FakeKeystone.StartAsync(certificate);
        using var file = new TemporaryFile(certificate.ExportCertificatePem());
        var options = secure.Options with { EndpointOverride = new Uri(secure.Url), Retries = 0 };
        using var trusting = secure.Session(options with { CaFile = file.Path });
        using var answer = await trusting.SendAsync("placement", Get, Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var other = Certificate();
        using var otherFile = new TemporaryFile(other.ExportCertificatePem());
        foreach (var caFile in new[] { null, otherFile.Path })
        {
            using var session = secure.Session(options with { CaFile = caFile });
            var fault = await Assert.ThrowsAsync<ServiceCallException>(() => session.SendAsync("placement", Get, Stop));
            Assert.Contains("SecureConnectionError", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Unusable_options_are_all_named_without_secrets()
    {
        var options = new KeystoneSessionOptions
        {
            AuthUrl = new Uri("http://admin:hunter2@keystone"),
            Credential = new PasswordCredential { Password = "hunter2", UserName = "cyborg", ProjectName = "service", SystemScope = "all" },
            Interfaces = [],
            Retries = 11,
        };
        var fault = Assert.Throws<ArgumentException>(() => _keystone.Session(options));
        foreach (var part in new[] { "auth_url", "valid_interfaces", "Retries", "user_domain_id", "project_domain_id", "Only one of" })
            Assert.Contains(part, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", fault.ToString() + options + options.Credential, StringComparison.Ordinal);
    }

    private object Service(string type, params (string Interface, string Region, string Path)[] endpoints) => new
    {
        type,
        endpoints = endpoints.Select(endpoint => new
        {
            @interface = endpoint.Interface,
            region_id = endpoint.Region,
            url = endpoint.Path.StartsWith('/') ? _keystone.Url + endpoint.Path : endpoint.Path,
        }),
    };

    private static void AssertJson(string expected, string actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), actual);

    private static void AssertJson(string expected, byte[] actual) => AssertJson(expected, Encoding.UTF8.GetString(actual));

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=keystone", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = DateTimeOffset.UtcNow;
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private sealed class TemporaryFile : IDisposable
    {
        public TemporaryFile(string text) => File.WriteAllText(Path, text);

        public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), System.IO.Path.GetRandomFileName());

        public void Dispose() => File.Delete(Path);
    }
}
