using System.Globalization;
using System.Text.Json.Nodes;
using Cyborg.Hosting;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Cyborg.Cli;

/// <summary>Reads clouds.yaml and the files beside it (JSON is YAML, too) into a tree of texts. Keys are as openstacksdk takes them: <c>-</c> is <c>_</c>.</summary>
internal static class CloudFile
{
    private const int MaxBytes = 1024 * 1024;
    private const int MaxNodes = 20_000;
    private const int MaxDepth = 16;

    /// <summary>The file's tree; null if it is not there or may not be read, as openstacksdk passes over such.</summary>
    /// <exception cref="CliFault">It is no YAML mapping. No text of the file is repeated: it may hold passwords.</exception>
    public static JsonObject? Read(string path)
    {
        string text;
        try
        {
            if (!File.Exists(path))
                return null;
            if (new FileInfo(path).Length > MaxBytes)
                throw CliFault.Usage($"{Printable.Escape(path)}: has more than {MaxBytes} bytes");
            text = File.ReadAllText(path);
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
        catch (IOException)
        {
            return null;
        }
        return Parse(path, text);
    }

    /// <summary>The tree of a file's text.</summary>
    /// <exception cref="CliFault">As <see cref="Read"/>.</exception>
    public static JsonObject Parse(string path, string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException fault)
        {
            throw Fault(path, fault.Start, "is not valid YAML here");
        }
        if (stream.Documents.Count == 0)
            return [];
        var count = 0;
        var root = stream.Documents[0].RootNode;
        return Tree(path, root, 0, ref count) switch
        {
            JsonObject found => found,
            null => [],
            _ => throw Fault(path, root.Start, "has to be a mapping such as clouds: {NAME: {auth: {...}}}"),
        };
    }

    private static JsonNode? Tree(string path, YamlNode node, int depth, ref int count)
    {
        // An alias is the node that it names, again and again: the count ends what would not end.
        if (++count > MaxNodes || depth > MaxDepth)
            throw Fault(path, node.Start, "has too much in it");
        switch (node)
        {
            case YamlMappingNode mapping:
                var fields = new JsonObject();
                foreach (var (key, value) in mapping.Children)
                {
                    if (key is not YamlScalarNode { Value: { } name })
                        throw Fault(path, key.Start, "has a key that is no text");
                    // Names of clouds are their own; a - in them stays.
                    fields[depth is 1 ? name : name.Replace('-', '_')] = Tree(path, value, depth + 1, ref count);
                }
                return fields;
            case YamlSequenceNode sequence:
                var items = new JsonArray();
                foreach (var item in sequence.Children)
                    items.Add(Tree(path, item, depth + 1, ref count));
                return items;
            case YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" or "Null" or "NULL" }:
                return null;
            case YamlScalarNode scalar:
                return JsonValue.Create(scalar.Value);
            default:
                throw Fault(path, node.Start, "cannot be read here");
        }
    }

    private static CliFault Fault(string path, Mark mark, string what) => CliFault.Usage(string.Create(
        CultureInfo.InvariantCulture, $"{Printable.Escape(path)}:{mark.Line}: {what}"));
}
