using System.Net;
using System.Text.Json.Nodes;

namespace Cyborg.E2E.Tests;

/// <summary>A server of Nova's, deleted in the end.</summary>
internal sealed class Server : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly User _owner;
    private bool _deleted;

    public Server(User owner, string id) => (_owner, Id) = (owner, id);

    public string Id { get; }

    /// <summary>What Nova says of it; null once it is gone.</summary>
    public async Task<JsonNode?> LookAsync(CancellationToken stop)
    {
        var answer = await _owner.AskAsync("compute", HttpMethod.Get, $"/servers/{Id}", null, stop);
        return answer.Status == HttpStatusCode.NotFound ? null : answer.Expect(HttpStatusCode.OK).Json["server"];
    }

    /// <summary>Waits until it is in a state and has no task.</summary>
    public async Task<JsonNode> WaitAsync(CancellationToken stop, params string[] states) =>
        (await Eventually.IsAsync($"server {Id} is {string.Join(" or ", states)}", s_patience, LookAsync,
            seen => seen is not null && states.Contains((string)seen["status"]!) && seen["OS-EXT-STS:task_state"] is null, stop))!;

    /// <summary>Asks for an action, such as <c>shelve</c>.</summary>
    public async Task ActAsync(string action, JsonNode? argument, CancellationToken stop) =>
        (await _owner.AskAsync("compute", HttpMethod.Post, $"/servers/{Id}/action", new JsonObject { [action] = argument }, stop))
            .Expect(HttpStatusCode.Accepted, HttpStatusCode.OK);

    /// <summary>Deletes it and waits until it is gone.</summary>
    public async Task DeleteAsync(CancellationToken stop)
    {
        _deleted = true;
        await Eventually.IsAsync($"Nova takes the delete of server {Id}", s_patience,
            token => _owner.AskAsync("compute", HttpMethod.Delete, $"/servers/{Id}", null, token),
            answer => answer.Status is HttpStatusCode.NoContent or HttpStatusCode.NotFound, stop);
        await Eventually.IsAsync($"server {Id} is gone", s_patience, LookAsync, seen => seen is null, stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_deleted) await DeleteAsync(CancellationToken.None);
    }
}
