using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Cyborg.ApiRef;

/// <summary>YAML read with the types of its core schema, as JSON. Anchors are not used in these documents; what is given twice is refused.</summary>
internal static class YamlText
{
    /// <summary>Reads a file with one document.</summary>
    /// <exception cref="InvalidDataException">It is no YAML, or not an object.</exception>
    public static JsonObject Load(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            var stream = new YamlStream();
            stream.Load(reader);
            if (stream.Documents is [var document] && Convert(document.RootNode) is JsonObject root)
                return root;
        }
        catch (YamlException fault)
        {
            throw new InvalidDataException($"{path}: {fault.Start}: {fault.Message}", fault);
        }
        throw new InvalidDataException($"{path}: it is to have one document, an object");
    }

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, Convert(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Convert)]),
        YamlScalarNode { Style: ScalarStyle.Plain } plain => Plain(plain.Value ?? ""),
        YamlScalarNode text => JsonValue.Create(text.Value),
        _ => throw new YamlException(node.Start, node.End, "unknown kind of YAML"),
    };

    private static JsonValue? Plain(string text) => text switch
    {
        "" or "~" or "null" => null,
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        _ => JsonValue.Create(text),
    };
}
