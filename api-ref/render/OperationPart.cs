using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cyborg.ApiRef;

/// <summary>One operation's part of the page.</summary>
/// <param name="reference">The document.</param>
/// <param name="samples">Folder of the samples.</param>
internal sealed class OperationPart(Reference reference, string samples)
{
    private const string FieldHeader = "Name|Type|Needed|Since|Description";
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
    private readonly Fields _fields = new(reference);

    /// <summary>Writes it.</summary>
    /// <exception cref="IOException">A sample cannot be read.</exception>
    public void Render(Html html, Operation operation)
    {
        html.Raw($"\n<section id=\"{operation.Id}\">\n").Element("h3", operation.Text("summary"))
            .Raw($"<p class=\"call\"><b class=\"{operation.Method.ToLowerInvariant()}\">{operation.Method}</b> <code>{Html.Escape(operation.Path)}</code>")
            .Raw(operation.MinVersion is { } version ? $" <i>since {version}</i>" : "").Raw("</p>\n").Prose(operation.Text("description"));
        if (operation.Policies.Count > 0)
            html.Raw("<p>Policy: ").Raw(string.Join(" or ", operation.Policies.Select(rule => $"<code>{Html.Escape(rule)}</code>"))).Raw("</p>\n");
        Parameters(html, operation);
        Request(html, operation);
        Responses(html, operation);
        html.Raw("</section>\n");
    }

    /// <summary>Writes a table of fields.</summary>
    public static void Table(Html html, IEnumerable<Field> fields) => html.Table(FieldHeader,
        [.. fields.Select(field => new[]
        {
            field.Path.Length == 0 ? "" : $"<code>{Html.Escape(field.Path)}</code>", Html.Escape(field.Type), field.IsRequired ? "yes" : "", field.MinVersion ?? "", Html.Inline(field.Description),
        })]);

    private void Parameters(Html html, Operation operation)
    {
        var own = operation.Parameters.Where(parameter => parameter["name"]!.ToString() is not ("OpenStack-API-Version" or "X-Openstack-Request-Id")).ToList();
        if (own.Count == 0)
            return;
        html.Element("h4", "Parameters").Table("Name|In|Type|Since|Description", [.. own.Select(parameter => new[]
        {
            $"<code>{Html.Escape(parameter["name"]!.ToString())}</code>",
            parameter["in"]!.ToString(),
            Html.Escape(_fields.TypeOf(parameter["schema"]!)),
            parameter[Reference.MinVersionKey]?.ToString() ?? "",
            Html.Inline(parameter["description"]!.ToString()),
        })]);
    }

    private void Request(Html html, Operation operation)
    {
        if (operation.Node["requestBody"] is not { } body)
            return;
        html.Element("h4", "Request");
        Content(html, body["content"]!);
    }

    private void Responses(Html html, Operation operation)
    {
        html.Element("h4", "Responses").Table("Status|Meaning|Headers", [.. operation.Node["responses"]!.AsObject().Select(pair =>
        {
            var response = reference.Resolve(pair.Value!);
            return new[] { pair.Key, Html.Inline(response["description"]!.ToString()), Headers(response) };
        })]);
        foreach (var (status, response) in operation.Node["responses"]!.AsObject().Where(pair => pair.Key.StartsWith('2')))
        {
            if (reference.Resolve(response!)["content"] is not { } content)
                continue;
            html.Element("h4", $"Body of {status}");
            Content(html, content);
        }
    }

    // Those that every answer has are told once, at the top.
    private static string Headers(JsonObject response) => string.Join(", ", (response["headers"] as JsonObject ?? [])
        .Select(header => header.Key)
        .Where(name => !name.StartsWith("OpenStack-API", StringComparison.Ordinal) && name is not ("Vary" or "X-Openstack-Request-Id"))
        .Select(Html.Escape));

    private void Content(Html html, JsonNode content)
    {
        if (content["application/json"] is not { } json)
            return;
        Table(html, _fields.Of(json["schema"]!));
        foreach (var (name, example) in json["examples"] as JsonObject ?? [])
        {
            var path = example!["externalValue"]!.ToString();
            var sample = JsonNode.Parse(File.ReadAllText(Path.Combine(samples, Path.GetFileName(path))));
            html.Raw("<details>").Element("summary", $"Sample: {name}").Raw("<pre>").Raw(Html.Escape(sample!.ToJsonString(Indented))).Raw("</pre></details>\n");
        }
    }
}
