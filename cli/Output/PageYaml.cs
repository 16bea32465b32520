using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Cyborg.Cli;

/// <summary>YAML in block style. Texts that YAML would take for something else, or that have anything but plain characters, stand in double quotes.</summary>
internal static partial class PageYaml
{
    public static void Write(JsonNode tree, TextWriter output)
    {
        var emitter = new Emitter(output, new EmitterSettings().WithBestWidth(int.MaxValue).WithNewLine("\n"));
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, tree);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
    }

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject fields:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, fields.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (name, value) in fields)
                {
                    emitter.Emit(Scalar(name, IsPlain(name)));
                    Emit(emitter, value);
                }
                emitter.Emit(new MappingEnd());
                break;
            case JsonArray items:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, items.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in items)
                    Emit(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                emitter.Emit(Scalar(value.GetValue<string>(), IsPlain(value.GetValue<string>())));
                break;
            default:
                emitter.Emit(Scalar(node?.ToJsonString() ?? "null", plain: true));
                break;
        }
    }

    private static Scalar Scalar(string text, bool plain) => new(
        AnchorName.Empty, TagName.Empty, text, plain ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted, isPlainImplicit: true, isQuotedImplicit: true);

    // No uuid is a number or a date: there are too many hyphens.
    private static bool IsPlain(string text) => (PlainPattern().IsMatch(text) && !MeaningPattern().IsMatch(text)) || Guid.TryParseExact(text, "D", out _);

    // Begins with a letter, or with digits that a letter follows: neither number nor date.
    [GeneratedRegex(@"\A(?:[A-Za-z_/]|[0-9]+[A-Zac-df-np-wyz])[A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*\z")]
    private static partial Regex PlainPattern();

    [GeneratedRegex(@"\A(?:true|false|yes|no|on|off|null|y|n)\z", RegexOptions.IgnoreCase)]
    private static partial Regex MeaningPattern();
}
