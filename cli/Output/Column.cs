using System.Text.Json.Nodes;

namespace Cyborg.Cli;

/// <summary>A column of a page.</summary>
/// <param name="Name">Its name, in every format and for <c>-c</c>.</param>
/// <param name="Read">Its value of one of the service's objects.</param>
internal sealed record Column(string Name, Func<JsonNode, JsonNode?> Read)
{
    /// <summary>A member of the object, or of an object in it.</summary>
    /// <param name="name">Name of the column.</param>
    /// <param name="path">Members on the way; the column's name if none.</param>
    public static Column Of(string name, params string[] path) => new(name, node => Member(node, path.Length == 0 ? [name] : path));

    private static JsonNode? Member(JsonNode? node, IEnumerable<string> path)
    {
        foreach (var name in path)
            node = (node as JsonObject)?[name];
        return node;
    }
}
