using System.Text.Json.Nodes;

namespace Cyborg.Cli;

/// <summary>Drivers as pages show them: a row for each host that has one.</summary>
internal static class DriverRows
{
    /// <summary>What a page can show.</summary>
    public static IReadOnlyList<Column> Columns { get; } =
    [
        Column.Of("id"), Column.Of("host"), Column.Of("version"), Column.Of("packaged"), Column.Of("state"), Column.Of("state_reason"),
        new("backends", row => new JsonArray([.. Backends(row).Select(backend => backend["name"]?.DeepClone())])),
        new("kinds", row => new JsonArray([.. Backends(row).Select(backend => backend["kind"]?.DeepClone())])),
        new("creates", row => new JsonArray([.. Backends(row).Where(backend => (bool?)backend["creates"] == true).Select(backend => backend["name"]?.DeepClone())])),
    ];

    /// <summary>What a list shows where no column is chosen.</summary>
    public static IReadOnlyList<string> OfList { get; } = ["id", "host", "version", "state", "backends", "state_reason"];

    /// <summary>The rows of one of the service's drivers.</summary>
    public static IEnumerable<JsonNode> Of(JsonNode driver)
    {
        foreach (var host in (driver["hosts"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var row = (JsonObject)host.DeepClone();
            row["id"] = driver["id"]?.DeepClone();
            yield return row;
        }
    }

    /// <summary>The page of a driver that was changed on one host.</summary>
    public static Page PageOf(Answer answer) => answer.Body is { } driver && Of(driver).FirstOrDefault() is { } row ? Page.One(row) : Page.Nothing;

    private static IEnumerable<JsonObject> Backends(JsonNode row) => (row["backends"] as JsonArray ?? []).OfType<JsonObject>();
}
