using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using WireMock;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;
using WireMock.Settings;

namespace Cyborg.TestServers;

/// <summary>A Keystone on a free loopback port, made with WireMock.Net. It speaks <c>/v3/auth/tokens</c> as the real one does: POST logs a
/// service in by password (its one user is <see cref="User"/>), GET tells what a token is worth, with 404 for what is unknown, revoked or expired
/// (but <c>allow_expired=1</c>), and 401 if the asking service's own token does not hold.</summary>
/// <remarks><code>
/// await using var keystone = WireMockKeystone.Start();
/// var config = keystone.Section();                         // [keystone_authtoken] of a cyborg.conf
/// var token = keystone.AddToken(FakeToken.Member);         // a new token: put it into X-Auth-Token
/// var other = keystone.AddToken(FakeToken.Member with { ProjectId = FakeToken.AltProject });
/// foreach (var (name, persona) in FakeToken.Personas) ...  // reader, member, manager, admin, service, no-role, other-member, ..., expired
/// keystone.Revoke(token);                                  // unknown from now on
/// keystone.Validations = KeystoneTrouble.Answers(503);     // also .Closes, .Silent; null: all is well. Likewise Logins
/// keystone.Stop(); keystone.StartAgain();                  // connections are refused in between; same port, same tokens
/// </code>Safe for many threads.</remarks>
public sealed class WireMockKeystone : IAsyncDisposable
{
    /// <summary>Name of the user that services log in as.</summary>
    public const string User = "cyborg";

    private const string TokensPath = "/v3/auth/tokens";

    private readonly ConcurrentDictionary<string, JsonObject> _tokens = new();
    private readonly ConcurrentDictionary<string, bool> _serviceTokens = new();
    private readonly ConcurrentDictionary<string, string> _endpoints = new();
    private readonly ConcurrentQueue<string> _validated = new();
    private readonly LoopbackPort _port = LoopbackPort.Take();
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _firstValidation = NewSignal();
    private TaskCompletionSource _troubleChanged = NewSignal();
    private KeystoneTrouble? _logins;
    private KeystoneTrouble? _validations;
    private WireMockServer? _server;
    private int _loginCount;

    private WireMockKeystone(TimeProvider time) => _time = time;

    /// <summary>Its address, without /v3.</summary>
    public string Url => $"http://127.0.0.1:{_port.Number}";

    /// <summary>The password of <see cref="User"/>: different in each server, so that it can be looked for in logs.</summary>
    public string Password { get; } = "pw-" + RandomNumberGenerator.GetHexString(20, lowercase: true);

    /// <summary>How many times somebody tried to log in, in trouble or not.</summary>
    public int LoginCount => Volatile.Read(ref _loginCount);

    /// <summary>The tokens that it was asked about, in trouble or not, oldest first.</summary>
    public IReadOnlyList<string> Validated => [.. _validated];

    /// <summary>Ends when it is asked about a token for the first time.</summary>
    public Task FirstValidation => _firstValidation.Task;

    /// <summary>The tokens that services got at their log-ins: secrets, too.</summary>
    public IReadOnlyList<string> ServiceTokens => [.. _serviceTokens.Keys];

    /// <summary>What goes wrong with log-ins; null if nothing.</summary>
    public KeystoneTrouble? Logins
    {
        get => Volatile.Read(ref _logins);
        set => Change(ref _logins, value);
    }

    /// <summary>What goes wrong with questions about tokens; null if nothing.</summary>
    public KeystoneTrouble? Validations
    {
        get => Volatile.Read(ref _validations);
        set => Change(ref _validations, value);
    }

    /// <summary>Starts one.</summary>
    /// <param name="time">The clock of expiries; null for the machine's.</param>
    public static WireMockKeystone Start(TimeProvider? time = null)
    {
        var keystone = new WireMockKeystone(time ?? TimeProvider.System);
        keystone.StartAgain();
        return keystone;
    }

    /// <summary>Starts it again where it was.</summary>
    public void StartAgain()
    {
        _server = WireMockServer.Start(new WireMockServerSettings
        {
            Urls = [$"http://127.0.0.1:{_port.Number}"],
            StartTimeout = 60_000,
            MaxRequestLogCount = 0,
            PreWireMockMiddlewareInit = app => ((IApplicationBuilder)app).Use(TroubleAsync),
        });
        _server.Given(Request.Create().WithPath(TokensPath).UsingPost()).RespondWith(Response.Create().WithCallback(LogIn));
        _server.Given(Request.Create().WithPath(TokensPath).UsingGet()).RespondWith(Response.Create().WithCallback(Validate));
    }

    /// <summary>Stops it: connections are refused until <see cref="StartAgain"/>. Tokens stay known.</summary>
    public void Stop()
    {
        _server?.Stop();
        _server?.Dispose();
        _server = null;
    }

    /// <summary>Makes a token.</summary>
    /// <param name="token">What it stands for.</param>
    /// <param name="text">The token itself; null for a new one that looks as fernet's.</param>
    /// <returns>The token itself.</returns>
    public string AddToken(FakeToken token, string? text = null)
    {
        text ??= NewTokenText();
        _tokens[text] = KeystoneBodies.Describe(token, _time.GetUtcNow());
        return text;
    }

    /// <summary>Makes a token unknown.</summary>
    public void Revoke(string token) => _tokens.TryRemove(token, out _);

    /// <summary>Makes every token of a service that has logged in worth nothing: 401 until it logs in again.</summary>
    public void RevokeServiceTokens() => _serviceTokens.Clear();

    /// <summary>Adds a service to the catalog that a log-in gets, in all three interfaces of RegionOne.</summary>
    /// <param name="type">Its type: placement, compute, image.</param>
    /// <param name="url">Its address.</param>
    public void AddService(string type, string url) => _endpoints[type] = url;

    /// <summary>A section of cyborg.conf by which a service logs in here.</summary>
    /// <param name="section">Its name.</param>
    /// <param name="lines">More lines of it.</param>
    public string Section(string section = "keystone_authtoken", params IEnumerable<string> lines) =>
        $"""
        [{section}]
        auth_type = password
        auth_url = {Url}
        username = {User}
        user_domain_name = Default
        password = {Password}
        project_name = service
        project_domain_name = Default
        {string.Join('\n', lines)}

        """;

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _troubleChanged.TrySetResult();
        Stop();
        _port.Dispose();
        return ValueTask.CompletedTask;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A text that looks as a fernet token does.</summary>
    private static string NewTokenText() =>
        "gAAAAAB" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(132)).Replace('+', '-').Replace('/', '_').Replace('=', 'A');

    private void Change(ref KeystoneTrouble? trouble, KeystoneTrouble? value)
    {
        lock (_gate)
        {
            Volatile.Write(ref trouble, value);
            _troubleChanged.TrySetResult();
            _troubleChanged = NewSignal();
        }
    }

    // Before WireMock: it cannot close a connection.
    private async Task TroubleAsync(HttpContext context, RequestDelegate next)
    {
        var isLogin = HttpMethods.IsPost(context.Request.Method);
        if (isLogin)
            Interlocked.Increment(ref _loginCount);
        else
            Note(context.Request.Headers["X-Subject-Token"].ToString());
        while (Read(isLogin) is { } trouble)
        {
            if (trouble.Trouble.Status is { } status)
                context.Response.StatusCode = status;
            else if (!trouble.Trouble.IsSilent)
                context.Abort();
            else if (!await ChangedAsync(trouble.Changed, context.RequestAborted))
                continue;
            return;
        }
        await next(context);
    }

    private void Note(string token)
    {
        _validated.Enqueue(token);
        _firstValidation.TrySetResult();
    }

    private (KeystoneTrouble Trouble, Task Changed)? Read(bool isLogin)
    {
        lock (_gate)
            return (isLogin ? _logins : _validations) is { } trouble ? (trouble, _troubleChanged.Task) : null;
    }

    /// <summary>Waits for the end of the trouble; true if the caller has gone before.</summary>
    private static async Task<bool> ChangedAsync(Task changed, CancellationToken gone)
    {
        try
        {
            await changed.WaitAsync(gone);
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    private ResponseMessage LogIn(IRequestMessage request)
    {
        // As under uWSGI: a body of unknown length is not read.
        if (!request.Headers!.ContainsKey("Content-Length"))
            return KeystoneBodies.Error(400, "Bad Request", "Expecting to find valid JSON.");
        var user = JsonNode.Parse(request.Body!)?["auth"]?["identity"]?["password"]?["user"];
        if (user?["name"]?.GetValue<string>() != User || user["password"]?.GetValue<string>() != Password)
            return KeystoneBodies.Error(401, "Unauthorized", "The request you have made requires authentication.");
        var text = NewTokenText();
        _serviceTokens[text] = true;
        var fields = KeystoneBodies.Describe(FakeToken.InProject("service", FakeToken.ServiceProject) with { UserName = User }, _time.GetUtcNow());
        fields["catalog"] = KeystoneBodies.Catalog(_endpoints);
        return KeystoneBodies.Answer(201, new JsonObject { ["token"] = fields }, text);
    }

    private ResponseMessage Validate(IRequestMessage request)
    {
        if (Header(request, "X-Auth-Token") is not { } own || !_serviceTokens.ContainsKey(own))
            return KeystoneBodies.Error(401, "Unauthorized", "The request you have made requires authentication.");
        if (Header(request, "X-Subject-Token") is not { } subject)
            return KeystoneBodies.Error(400, "Bad Request", "X-Subject-Token is missing.");
        if (!_tokens.TryGetValue(subject, out var fields) || IsOver(fields, request) || fields.ContainsKey("application_credential"))
            return KeystoneBodies.Error(404, "Not Found", "Could not recognize Fernet token");
        return KeystoneBodies.Answer(200, new JsonObject { ["token"] = fields.DeepClone() }, subject);
    }

    private bool IsOver(JsonObject fields, IRequestMessage request) =>
        DateTimeOffset.Parse(fields["expires_at"]!.GetValue<string>(), CultureInfo.InvariantCulture) <= _time.GetUtcNow()
        && request.GetParameter("allow_expired")?.FirstOrDefault() != "1";

    private static string? Header(IRequestMessage request, string name) =>
        request.Headers!.TryGetValue(name, out var values) ? values.FirstOrDefault() : null;
}
