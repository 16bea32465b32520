using System.Globalization;
using System.Text.Json.Nodes;

namespace Cyborg.Functional.Tests;

/// <summary>Finds a value in a body: <c>arqs.0.uuid</c>, or <c>devices[vendor=0xABCD].uuid</c> for the first item that has it.</summary>
internal static class Picking
{
    public static JsonNode? Pick(JsonNode? body, string path)
    {
        var node = body;
        foreach (var part in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            var bracket = part.IndexOf('[', StringComparison.Ordinal);
            var name = bracket < 0 ? part : part[..bracket];
            if (name.Length > 0)
                node = int.TryParse(name, CultureInfo.InvariantCulture, out var index) ? node?[index] : node?[name];
            if (bracket >= 0)
                node = First(node?.AsArray(), part[(bracket + 1)..^1].Split('=', 2));
        }
        return node ?? throw new InvalidDataException($"Nothing at {path}");
    }

    private static JsonNode? First(JsonArray? list, string[] wanted) => list?.FirstOrDefault(item => item?[wanted[0]]?.ToString() == wanted[1]);
}
