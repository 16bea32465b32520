using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Cyborg.Api.Errors;
using Cyborg.Api.Middleware;
using Cyborg.Api.Versions;
using Cyborg.Identity;
using Cyborg.Identity.Keystone;
using Cyborg.Identity.Policy;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Microsoft.AspNetCore.Http;

namespace Cyborg.Api.Calls;

/// <summary>What every handler works with; one for the process.</summary>
/// <param name="Options">Configuration.</param>
/// <param name="Bus">Calls to the conductor.</param>
/// <param name="Policy">Decides who may.</param>
/// <param name="Time">Clock of waits.</param>
internal sealed record ApiServices(ApiOptions Options, BusClient Bus, PolicyEnforcer Policy, TimeProvider Time)
{
    /// <summary>Lists that were answered before.</summary>
    public KeptLists Lists { get; } = new(Bus, Options.CallTimeout);
}

/// <summary>One request on its way through a handler: who asks, in which version, and what the handler may do: read, ask, answer.</summary>
internal sealed class ApiCall
{
    private readonly HttpContext _http;
    private readonly ApiServices _services;
    private readonly Credentials _credentials;
    private readonly RequestState _state;

    /// <summary>Makes the call of a request that is authenticated and routed.</summary>
    public ApiCall(HttpContext http, ApiServices services)
    {
        _http = http;
        _services = services;
        _credentials = Credentials.From(http.User);
        _state = RequestState.Of(http);
        Version = _state.Version ?? Microversions.Min;
        Caller = new Caller
        {
            UserId = _credentials.UserId,
            ProjectId = _credentials.ProjectId,
            IsAdmin = _credentials.IsAdmin,
            IsService = _credentials.IsService,
        };
        Links = Links.For(services.Options.PublicEndpoint, $"{http.Request.Scheme}://{Host(http)}", http.Request.PathBase);
    }

    /// <summary>Who asks.</summary>
    public Caller Caller { get; }

    /// <summary>Version that the answer is written in.</summary>
    public Microversion Version { get; }

    /// <summary>Builds links.</summary>
    public Links Links { get; }

    /// <summary>A part of the path; null if the route that matched lacks it.</summary>
    public string? Path(string name) => _http.Request.RouteValues[name] as string;

    /// <summary>A header of the request, several lines joined with commas; null if there is none.</summary>
    public string? Header(string name) => _http.Request.Headers[name] is { Count: > 0 } values ? string.Join(',', values!) : null;

    /// <summary>The uuid in the path.</summary>
    /// <exception cref="ApiException">400: it is none.</exception>
    public Guid PathUuid(string name) => UuidText.Parse(name, Path(name) ?? "");

    /// <summary>The uuid in the path of a noun whose upstream handler takes any text and looks it up.</summary>
    /// <exception cref="ApiException">404 with upstream's words: no object has such an id.</exception>
    public Guid PathUuidOrNotFound(string name, string noun) => UuidText.TryParse(Path(name) ?? "", out var uuid)
        ? uuid
        : throw new ApiException(ApiError.NotFound, $"{noun} not found with uuid={ApiException.Shown(Path(name) ?? "")}");

    /// <summary>The query, checked against the names that the route knows.</summary>
    /// <exception cref="ApiException">400: an unknown or repeated argument.</exception>
    public QueryArguments Query(params IReadOnlyList<string> known) => QueryWith([], known);

    /// <summary>The query, with names that may be repeated.</summary>
    /// <exception cref="ApiException">400: an unknown or repeated argument.</exception>
    public QueryArguments QueryWith(IReadOnlyList<string> repeatable, params IReadOnlyList<string> known) =>
        _http.Request.QueryString.HasValue ? QueryArguments.Parse(_http.Request.Query, known, repeatable) : QueryArguments.None;

    /// <summary>The JSON body.</summary>
    /// <param name="name">Name of the argument in upstream's code, for the message when there is none.</param>
    /// <exception cref="ApiException">400, 413 or 415.</exception>
    public Task<JsonElement> ReadBodyAsync(string name) =>
        JsonBody.ReadAsync(_http.Request, name, _services.Options.MaxBodySize, _http.RequestAborted);

    /// <summary>Asks a conductor.</summary>
    /// <exception cref="FaultException">Its fault, or the bus's own.</exception>
    public Task<TReply> AskAsync<TRequest, TReply>(Verb<TRequest, TReply> verb, TRequest request)
    {
        var context = new CallContext
        {
            Caller = Caller,
            RequestId = _state.Id,
            GlobalRequestId = _state.GlobalId,
            TraceParent = TraceParent(),
        };
        return ConductorWait.AskAsync(
            left => _services.Bus.CallAsync(verb, request, context with { TimeLeft = left }, cancellationToken: _http.RequestAborted),
            _services.Options.CallTimeout,
            // Without Keystone everybody is a service; one that sends a service token is one that passes a user's request on.
            Caller.IsService && Header(KeystoneDefaults.ServiceTokenHeader) is not null ? _services.Options.ConductorWait : TimeSpan.Zero,
            _services.Time,
            _http.RequestAborted);
    }

    /// <summary>A list that everybody who may see it sees alike: as it was written before, unless it has changed.</summary>
    /// <param name="kind">What it is made of.</param>
    /// <param name="load">Asks a conductor for it: its revision, and how it is written.</param>
    /// <exception cref="FaultException">What <paramref name="load"/> throws.</exception>
    public Task<Reply> ListAsync(ListKind kind, Func<Task<(long Revision, Reply Reply)>> load) => _services.Lists.ReadAsync(_http, Version, Links, kind, load);

    /// <summary>Checks a rule for the caller on an object of <paramref name="projectId"/>.</summary>
    /// <exception cref="ApiException">403: the rule forbids it.</exception>
    public async ValueTask AuthorizeAsync(string rule, string? projectId)
    {
        var target = new Dictionary<string, string?> { ["project_id"] = projectId, ["user_id"] = _credentials.UserId };
        if (!await _services.Policy.AllowsAsync(rule, target, _credentials, _http.RequestAborted).ConfigureAwait(false))
            throw Denied(rule);
    }

    /// <summary>Checks a rule for the caller on something without an owner, a list, or a thing to be made: the target is the caller's own project.</summary>
    /// <exception cref="ApiException">403: the rule forbids it.</exception>
    public async ValueTask AuthorizeAsync(string rule)
    {
        if (!await AllowsOwnAsync(rule).ConfigureAwait(false))
            throw Denied(rule);
    }

    /// <summary>Checks that any of some rules lets the caller in; which one counts the handler says, when it knows what is wanted.</summary>
    /// <exception cref="ApiException">403: all forbid it.</exception>
    public async ValueTask AuthorizeAnyAsync(IReadOnlyList<string> rules)
    {
        foreach (var rule in rules)
        {
            if (await AllowsOwnAsync(rule).ConfigureAwait(false))
                return;
        }
        throw Denied(rules[0]);
    }

    /// <summary>The 403 of a rule.</summary>
    public static ApiException Denied(string rule) => new(ApiError.Forbidden, $"Access was denied to the following resource: {rule}");

    private ValueTask<bool> AllowsOwnAsync(string rule) => _services.Policy.KnowsOwn(rule, _credentials) is { } known
        ? new(known)
        : _services.Policy.AllowsOwnAsync(rule, _credentials, _http.RequestAborted);

    // Nobody traces here, but the caller does, and so may those whom it asks through us.
    private string? TraceParent() => Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity
        ? activity.Id
        : Header("traceparent") is { } given && ActivityContext.TryParse(given, null, out _) ? given : null;

    // HTTP/1.0 need not name the host that it asks.
    private static string Host(HttpContext http) => http.Request.Host.HasValue
        ? http.Request.Host.ToUriComponent()
        : new IPEndPoint(http.Connection.LocalIpAddress ?? IPAddress.Loopback, http.Connection.LocalPort).ToString();
}
