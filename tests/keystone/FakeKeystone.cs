using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Cyborg.Identity.Keystone;
using Cyborg.Identity.Session;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Keystone.Tests;

internal sealed record Call(string Method, string Url, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>A Keystone (and a service beside it) with the answers that a test wants; by default those of the real one.</summary>
internal sealed class FakeKeystone : IAsyncDisposable
{
    public const string Password = "s3cret-pass";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, bool> _serviceTokens = new();
    private int _logins;

    private FakeKeystone(X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(certificate, https =>
                {
                    https.ClientCertificateMode = Microsoft.AspNetCore.Server.Kestrel.Https.ClientCertificateMode.AllowCertificate;
                    https.ClientCertificateValidation = (_, _, _) => true;
                });
        }));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <summary>The time of day, and the clock of time limits.</summary>
    public ManualTime Clock { get; } = new();
    public string Url => _app.Urls.Single();
    public ConcurrentQueue<Call> Calls { get; } = new();
    public int Logins => Count("POST", "/v3/auth/tokens");
    public int Validations => Count("GET", "/v3/auth/tokens");

    /// <summary>Answers once each, before the usual ones.</summary>
    public ConcurrentQueue<Func<HttpContext, Task>> LoginScript { get; } = new();
    public ConcurrentQueue<Func<HttpContext, Task>> ValidateScript { get; } = new();
    public ConcurrentQueue<Func<HttpContext, Task>> ServiceScript { get; } = new();

    /// <summary>Users' tokens and the fields of each.</summary>
    public ConcurrentDictionary<string, object> Tokens { get; } = new();
    public string? ClientCertificate { get; private set; }
    public object[] Catalog { get; set; } = [];

    public static async Task<FakeKeystone> StartAsync(X509Certificate2? certificate = null)
    {
        var fake = new FakeKeystone(certificate);
        await fake._app.StartAsync(TestContext.Current.CancellationToken);
        return fake;
    }

    public KeystoneSessionOptions Options => new()
    {
        AuthUrl = new Uri(Url),
        Credential = new PasswordCredential
        {
            UserName = "cyborg",
            UserDomainId = "default",
            Password = Password,
            ProjectName = "service",
            ProjectDomainId = "default",
        },
        RetryDelay = TimeSpan.Zero,
        StatusRetryDelay = TimeSpan.Zero,
        Timeout = TimeSpan.FromSeconds(20),
        // The one limit that the machine's own clock measures.
        ConnectTimeout = TimeSpan.FromMinutes(5),
    };

    public KeystoneSession Session(KeystoneSessionOptions? options = null, ILoggerFactory? logs = null) =>
        new(options ?? Options, logs ?? NullLoggerFactory.Instance, Clock);

    public TokenValidator Validator(KeystoneSession session, TokenValidatorOptions? options = null, ILoggerFactory? logs = null) =>
        new(session, options ?? new TokenValidatorOptions(), logs ?? NullLoggerFactory.Instance, Clock);

    public void AddToken(string token, string[]? roles = null, TimeSpan? life = null) => Tokens[token] = new
    {
        expires_at = Clock.GetUtcNow() + (life ?? TimeSpan.FromHours(1)),
        user = new { id = "u-" + token, name = "n", domain = new { id = "default", name = "Default" } },
        project = new { id = "p1", name = "demo", domain = new { id = "pd", name = "Default" } },
        roles = (roles ?? ["member"]).Select(role => new { id = "r", name = role }),
        is_domain = false,
    };

    /// <summary>The service's tokens are worth nothing any more.</summary>
    public void RevokeServiceTokens() => _serviceTokens.Clear();

    public static Func<HttpContext, Task> Status(int status) => context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    /// <summary>Never answers; ends when the caller gives up.</summary>
    public static Task Silence(HttpContext context)
    {
        var gone = new TaskCompletionSource();
        context.RequestAborted.Register(() => gone.TrySetResult());
        return gone.Task;
    }

    /// <summary>As <see cref="Silence"/>, and the caller's time limit passes.</summary>
    public Task SilenceForever(HttpContext context)
    {
        // The request is here, so its limit is being measured.
        Clock.Advance(Options.Timeout);
        return Silence(context);
    }

    public static Task Close(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    /// <summary>Every question about a token is closed upon, until <see cref="ValidateScript"/> is cleared. How often one is asked is not fixed: on a connection
    /// that has been idle for a while HttpClient tries once more by itself.</summary>
    public void CloseValidations()
    {
        for (var i = 0; i < 50; i++)
            ValidateScript.Enqueue(Close);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private int Count(string method, string path) => Calls.Count(call => call.Method == method && call.Url.StartsWith(path, StringComparison.Ordinal));

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        ClientCertificate = context.Connection.ClientCertificate?.Subject;
        using var reader = new StreamReader(request.Body);
        var body = await reader.ReadToEndAsync();
        Calls.Enqueue(new Call(
            request.Method, request.Path + request.QueryString.Value,
            request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body));
        var (script, usual) = (request.Path.Value, request.Method) switch
        {
            ("/v3/auth/tokens", "POST") => (LoginScript, (Func<HttpContext, Task>)LogInAsync),
            ("/v3/auth/tokens", "GET") => (ValidateScript, ValidateAsync),
            _ => (ServiceScript, ServeAsync),
        };
        await (script.TryDequeue(out var scripted) ? scripted : usual)(context);
    }

    private Task LogInAsync(HttpContext context)
    {
        var token = "service-token-" + Interlocked.Increment(ref _logins);
        _serviceTokens[token] = true;
        context.Response.StatusCode = 201;
        context.Response.Headers["X-Subject-Token"] = token;
        return WriteAsync(context, new { token = new { expires_at = Clock.GetUtcNow().AddHours(1), catalog = Catalog } });
    }

    private Task ValidateAsync(HttpContext context)
    {
        if (!_serviceTokens.ContainsKey(context.Request.Headers["X-Auth-Token"].ToString()))
            return Status(401)(context);
        return Tokens.TryGetValue(context.Request.Headers["X-Subject-Token"].ToString(), out var fields)
            ? WriteAsync(context, new { token = fields })
            : Status(404)(context);
    }

    private Task ServeAsync(HttpContext context) =>
        _serviceTokens.ContainsKey(context.Request.Headers["X-Auth-Token"].ToString())
            ? WriteAsync(context, new { ok = true })
            : Status(401)(context);

    private static async Task WriteAsync(HttpContext context, object answer)
    {
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer), context.RequestAborted);
    }
}
