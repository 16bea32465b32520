using System.Text.Json.Nodes;

namespace Cyborg.ApiRef;

/// <summary>The whole reference as one HTML page that needs nothing beside it.</summary>
/// <param name="reference">The document.</param>
/// <param name="samples">Folder of the samples that it names.</param>
internal sealed class Page(Reference reference, string samples)
{
    private readonly OperationPart _operations = new(reference, samples);

    /// <summary>The page.</summary>
    /// <exception cref="IOException">A sample cannot be read.</exception>
    public string Render()
    {
        var info = reference.Root["info"]!;
        var html = new Html().Raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Element("title", info["title"]!.ToString()).Raw("\n<style>\n").Raw(Style()).Raw("</style>\n</head>\n<body>\n");
        Navigation(html);
        html.Raw("<main>\n").Element("h1", info["title"]!.ToString()).Prose(info["description"]!.ToString());
        foreach (var tag in Tags())
        {
            var name = tag["name"]!.ToString();
            html.Raw("\n").Element("h2", name, $"id=\"{Html.Anchor(name)}\"").Prose(tag["description"]!.ToString());
            foreach (var operation in Of(name))
                _operations.Render(html, operation);
        }
        Errors(html);
        return html.Raw("</main>\n</body>\n</html>\n").ToString();
    }

    private void Navigation(Html html)
    {
        html.Raw("<nav>\n");
        foreach (var tag in Tags().Select(tag => tag["name"]!.ToString()))
        {
            html.Raw($"<a class=\"tag\" href=\"#{Html.Anchor(tag)}\">{Html.Escape(tag)}</a>\n");
            foreach (var operation in Of(tag))
                html.Raw($"<a href=\"#{operation.Id}\">{Html.Escape(operation.Text("summary"))}</a>\n");
        }
        html.Raw("<a class=\"tag\" href=\"#errors\">Errors</a>\n</nav>\n");
    }

    private void Errors(Html html)
    {
        html.Element("h2", "Errors", "id=\"errors\"").Prose(
            "What the statuses above 399 mean in general, and their bodies. A path that there is not is answered 404, a method that it does not have 405.");
        var fields = new Fields(reference);
        html.Table("Response|Meaning|Body", [.. reference.Root["components"]!["responses"]!.AsObject()
            .Where(response => response.Value!["content"]?["application/json"] is not null && !response.Key.StartsWith("Root", StringComparison.Ordinal))
            .Select(response => new[]
            {
                Html.Escape(response.Key), Html.Inline(response.Value!["description"]!.ToString()), Bodies(response.Value!),
            })]);
        foreach (var name in new[] { "Fault", "FaultText", "Abort", "AbortText", "Unauthorized", "Unresolved" })
        {
            var schema = reference.Target($"#/components/schemas/{name}");
            html.Element("h4", name, $"id=\"schema-{name}\"").Prose(schema["description"]?.ToString() ?? "");
            OperationPart.Table(html, fields.Of(schema));
        }
    }

    private static string Bodies(JsonNode response)
    {
        var schema = response["content"]!["application/json"]!["schema"]!;
        return string.Join(" or ", (schema["anyOf"] as JsonArray ?? [schema.DeepClone()])
            .Select(one => one!["$ref"]!.ToString().Split('/')[^1]).Select(name => $"<code>{Html.Escape(name)}</code>"));
    }

    private IEnumerable<JsonNode> Tags() => reference.Root["tags"]!.AsArray().Select(tag => tag!);

    private IEnumerable<Operation> Of(string tag) => reference.Operations.Where(operation => operation.Tag == tag);

    private static string Style()
    {
        using var stream = typeof(Page).Assembly.GetManifestResourceStream("style.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
