using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Cyborg.Standalone.Tests;

/// <summary>An answer of the API.</summary>
internal sealed record MixedAnswer(string Question, int Status, JsonNode? Body)
{
    public override string ToString() => $"{Question} -> {Status} {Body?.ToJsonString()}";
}

/// <summary>Asks the API as somebody: version 1 at 1.1, version 2 at 2.3.</summary>
/// <param name="cloud">Where.</param>
/// <param name="headers">Who.</param>
internal sealed class MixedClient(MixedCloud cloud, IReadOnlyDictionary<string, string> headers)
{
    /// <summary>An administrator whose calls a service passes on: whom noauth takes a stranger for.</summary>
    public static IReadOnlyDictionary<string, string> Administrator { get; } = new Dictionary<string, string>();

    /// <summary>A manager of a project.</summary>
    public static Dictionary<string, string> Manager(string project) => new() { ["X-Roles"] = "manager,member,reader", ["X-Project-Id"] = project };

    /// <summary>Nova, with the token of a member of a project.</summary>
    public static Dictionary<string, string> NovaFor(string project) =>
        new() { ["X-Roles"] = "member,reader", ["X-Project-Id"] = project, ["X-Service-Roles"] = "service" };

    public async Task<MixedAnswer> AskAsync(HttpMethod method, string path, JsonNode? body, CancellationToken stop, string? version = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Add("OpenStack-API-Version", $"accelerator {version ?? (path.StartsWith("/v2", StringComparison.Ordinal) ? "2.3" : "1.1")}");
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), new MediaTypeHeaderValue("application/json"));
        using var answer = await cloud.Http.SendAsync(request, stop);
        var text = await answer.Content.ReadAsStringAsync(stop);
        return new MixedAnswer($"{method} {path} {body?.ToJsonString()}", (int)answer.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    public async Task<JsonNode?> MustAsync(HttpMethod method, string path, JsonNode? body, int status, CancellationToken stop)
    {
        var answer = await AskAsync(method, path, body, stop);
        return answer.Status == status ? answer.Body : throw new InvalidOperationException($"{status} expected: {answer}");
    }
}
