using System.Text.Json.Nodes;

namespace Cyborg.Cli;

/// <summary>What a verb has to show.</summary>
/// <param name="Rows">The service's objects.</param>
/// <param name="IsOne">True for one object, false for a list of any length.</param>
internal sealed record Page(IReadOnlyList<JsonNode> Rows, bool IsOne)
{
    /// <summary>Lines for standard error.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The exit code.</summary>
    public int Code { get; init; } = ExitCodes.Done;

    /// <summary>Nothing to show: it is done.</summary>
    public static Page Nothing { get; } = new([], IsOne: true);

    /// <summary>One object.</summary>
    public static Page One(JsonNode row) => new([row], IsOne: true);

    /// <summary>A list.</summary>
    public static Page List(JsonNode? rows) => new([.. (rows as JsonArray ?? []).OfType<JsonNode>()], IsOne: false);
}
