using System.Diagnostics.Metrics;

namespace Cyborg.Identity;

/// <summary>What this room counts; doc/observability.md.</summary>
internal static class IdentityMetrics
{
    private static readonly Meter Meter = new("Cyborg.Identity");

    /// <summary>Tokens looked at; tag <c>result</c>: <c>hit</c> if the answer was remembered, <c>miss</c> if it had to be found out.</summary>
    public static readonly Counter<long> Tokens = Meter.CreateCounter<long>(
        "cyborg.identity.token.lookups", "{token}", "Tokens looked at, by whether their worth was remembered.");

    /// <summary>Counts one.</summary>
    public static void Count(bool hit) => Tokens.Add(1, new KeyValuePair<string, object?>("result", hit ? "hit" : "miss"));
}
