using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cyborg.Functional.Tests;

/// <summary>Looks at the answer of a step: first at what holds for every answer of the service, then at what the step says.</summary>
internal sealed class Answers(Step step, Variables variables, HttpResponseMessage answer, string body)
{
    public IEnumerable<string> Wrongs() =>
        [.. Status(), .. Always(), .. Headers(), .. Bodies(), .. Errors()];

    private IEnumerable<string> Status()
    {
        if (!step.Status.Contains((int)answer.StatusCode))
            yield return $"expected status {string.Join(" or ", step.Status)}, got {(int)answer.StatusCode}: {Shown(body)}";
    }

    private IEnumerable<string> Always()
    {
        if (Header("x-openstack-request-id") is not { } id || !Matching.IsText("/^req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/", id))
            yield return $"x-openstack-request-id is {Header("x-openstack-request-id") ?? "not there"}";
        if (answer.Headers.TransferEncodingChunked == true)
            yield return "the body is sent in chunks";
        if ((int)answer.StatusCode >= 500 && !step.Status.Any(status => status >= 500))
            yield return "a client's request must not end in a 5xx";
        if (body.Contains("   at ", StringComparison.Ordinal) || body.Contains("Exception", StringComparison.Ordinal))
            yield return $"the inside shows: {Shown(body)}";
        if (body.Length > 0 && answer.Content.Headers.ContentType?.MediaType != "application/json" && !step.Url.Contains("healthcheck", StringComparison.Ordinal))
            yield return $"the body is {answer.Content.Headers.ContentType}";
    }

    private IEnumerable<string> Headers()
    {
        foreach (var (name, expected) in step["response-headers"]?.AsObject() ?? [])
        {
            var wanted = variables.Fill(expected!.ToString());
            var actual = Header(name);
            if (wanted == "<absent>" ? actual is not null : actual is null || !Matching.IsText(wanted, actual))
                yield return $"header {name}: expected {wanted}, got {actual ?? "none"}";
        }
    }

    private IEnumerable<string> Bodies()
    {
        if (step.Has("body"))
            return step["body"] is null ? (body.Length == 0 ? [] : [$"expected no body, got {Shown(body)}"]) : Compare("body", partial: false);
        if (step.Has("contains"))
            return Compare("contains", partial: true);
        return [];
    }

    private IEnumerable<string> Compare(string key, bool partial)
    {
        var wrongs = step[key] is JsonValue text && text.GetValueKind() == JsonValueKind.String && answer.Content.Headers.ContentType?.MediaType != "application/json"
            ? Matching.IsText(text.ToString(), body) ? [] : [$"expected {text}, got {Shown(body)}"]
            : Matching.Differences(variables.Fill(step[key]), Json(), partial);
        return step["lacks"] is { } lacks ? wrongs.Concat(Lacks(lacks.ToString())) : wrongs;
    }

    private IEnumerable<string> Lacks(string text)
    {
        if (body.Contains(variables.Fill(text), StringComparison.Ordinal))
            yield return $"{variables.Fill(text)} must not be in {Shown(body)}";
    }

    // An error's text is JSON once more inside "error_message".
    private IEnumerable<string> Errors()
    {
        if (step["error"] is { } raw && !Matching.IsText(variables.Fill(raw.ToString()), Json()?["error_message"]?.ToString()))
            yield return $"expected the error_message {raw}, got {Shown(body)}";
        if (step["fault"] is { } fault)
        {
            var code = (int)answer.StatusCode < 500 ? "Client" : "Server";
            var expected = new JsonObject { ["faultcode"] = code, ["faultstring"] = variables.Fill(fault.ToString()), ["debuginfo"] = null };
            foreach (var wrong in Matching.Differences(expected, Inner(), false, "error_message"))
                yield return wrong;
        }
        if (step["abort"] is { } abort)
        {
            foreach (var wrong in Matching.Differences(variables.Fill(abort), Inner(), false, "error_message"))
                yield return wrong;
        }
    }

    private JsonNode? Inner()
    {
        try
        {
            return Json()?["error_message"]?.ToString() is { } inner ? JsonNode.Parse(inner) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private JsonNode? Json()
    {
        try
        {
            return body.Length == 0 ? null : JsonNode.Parse(body);
        }
        catch (JsonException)
        {
            return JsonValue.Create(body);
        }
    }

    private string? Header(string name) =>
        answer.Headers.TryGetValues(name, out var values) || answer.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : null;

    private static string Shown(string text) => text.Length <= 600 ? text : text[..600] + "...";
}
