using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Cyborg.Api.Middleware;

/// <summary>What a client takes. Every body of the API is JSON.</summary>
internal static class Accepts
{
    private const string JsonType = "application/json";

    /// <summary>False if the client takes no JSON: the answer is then 406. No header, or one that cannot be read, takes everything.</summary>
    public static bool TakesJson(HttpRequest request)
    {
        var given = request.Headers.Accept;
        // What nearly every client sends.
        if (given.Count == 0 || (given.Count == 1 && given[0] is JsonType or "*/*"))
            return true;
        string[] header = [.. given.OfType<string>()];
        if (header.Length == 0 || !MediaTypeHeaderValue.TryParseList(header, out var types) || types.Count == 0)
            return true;
        // The most specific range decides: "*/*, application/json;q=0" takes no JSON.
        var best = types.Where(MatchesJson).MaxBy(Specificity);
        return best is not null && best.Quality is not 0.0;
    }

    /// <summary>True if errors of the router are to be JSON for this client; without any Accept header they are plain text, as upstream's.</summary>
    public static bool NamesJson(HttpRequest request) => request.Headers.Accept.Count > 0 && TakesJson(request);

    private static bool MatchesJson(MediaTypeHeaderValue range) =>
        range.MatchesAllTypes
        || (range.Type.Equals("application", StringComparison.OrdinalIgnoreCase) && range.MatchesAllSubTypes)
        || range.MediaType.Equals(JsonType, StringComparison.OrdinalIgnoreCase);

    private static int Specificity(MediaTypeHeaderValue range) => range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2;
}
