using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Cyborg.Drivers.Generic.Static;

/// <summary>A value in a YAML file, with its line.</summary>
/// <param name="Line">Line where it begins, from 1.</param>
internal abstract record YamlValue(long Line);

/// <summary>A scalar.</summary>
/// <param name="Text">Its text.</param>
/// <param name="Plain">True if it stands without quotes: then it may be a number, a boolean or null.</param>
/// <param name="Line">Its line.</param>
internal sealed record YamlText(string Text, bool Plain, long Line) : YamlValue(Line)
{
    /// <summary>True if it says that there is no value.</summary>
    public bool IsNull => Plain && Text is "" or "~" or "null";
}

/// <summary>A list.</summary>
internal sealed record YamlList(IReadOnlyList<YamlValue> Items, long Line) : YamlValue(Line);

/// <summary>A map in the order of the file; its keys are unique.</summary>
internal sealed record YamlMap(IReadOnlyList<(YamlText Key, YamlValue Value)> Members, long Line) : YamlValue(Line);

/// <summary>What is wrong with a file, and in which line.</summary>
internal sealed class YamlFault(long line, string what) : Exception(what)
{
    public long Line => line;
}

/// <summary>Reads a YAML text into values with lines. It goes through the text once; anchors, aliases, tags and deep nesting are refused, so a small text
/// cannot become a large tree.</summary>
internal sealed partial class YamlTree(TextReader text)
{
    private const int MaxDepth = 32;

    private readonly Parser _parser = new(text);

    /// <summary>The text's one document; null if it is empty.</summary>
    /// <exception cref="YamlFault">It is no such text.</exception>
    public static YamlValue? Read(TextReader text)
    {
        try
        {
            return new YamlTree(text).Document();
        }
        catch (YamlException fault)
        {
            throw new YamlFault(fault.Start.Line, fault.Message);
        }
        catch (Exception fault) when (fault is not (YamlFault or IOException))
        {
            // Whatever else the reader does with an odd text, it is the text's fault.
            throw new YamlFault(1, $"is not YAML: {fault.Message}");
        }
    }

    /// <summary>Writes a value as JSON: plain scalars that look like numbers, booleans or null are such, as YAML 1.2 says.</summary>
    public static void WriteJson(YamlValue value, Utf8JsonWriter json)
    {
        switch (value)
        {
            case YamlMap map:
                json.WriteStartObject();
                foreach (var (key, member) in map.Members)
                {
                    json.WritePropertyName(key.Text);
                    WriteJson(member, json);
                }
                json.WriteEndObject();
                break;
            case YamlList list:
                json.WriteStartArray();
                foreach (var item in list.Items)
                    WriteJson(item, json);
                json.WriteEndArray();
                break;
            case YamlText { IsNull: true }:
                json.WriteNullValue();
                break;
            case YamlText { Plain: true, Text: "true" or "True" or "false" or "False" } boolean:
                json.WriteBooleanValue(bool.Parse(boolean.Text));
                break;
            case YamlText { Plain: true } number when JsonNumber().IsMatch(number.Text):
                json.WriteRawValue(number.Text);
                break;
            case YamlText other:
                json.WriteStringValue(other.Text);
                break;
        }
    }

    private YamlValue? Document()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
            return null;
        _parser.Consume<DocumentStart>();
        var value = Value(0);
        _parser.Consume<DocumentEnd>();
        return _parser.TryConsume<StreamEnd>(out _) ? value : throw Fault("there is more than one document");
    }

    private YamlValue Value(int depth)
    {
        var line = Line;
        if (depth > MaxDepth)
            throw Fault($"is nested deeper than {MaxDepth} levels");
        if (_parser.Current is NodeEvent { Anchor.IsEmpty: false } or AnchorAlias)
            throw Fault("anchors and aliases are not supported");
        if (_parser.Current is NodeEvent { Tag.IsEmpty: false })
            throw Fault("tags are not supported");
        if (_parser.TryConsume<Scalar>(out var scalar))
            return new YamlText(scalar.Value, scalar.Style == ScalarStyle.Plain, line);
        if (_parser.TryConsume<SequenceStart>(out _))
        {
            var items = new List<YamlValue>();
            while (!_parser.TryConsume<SequenceEnd>(out _))
                items.Add(Value(depth + 1));
            return new YamlList(items, line);
        }
        return _parser.TryConsume<MappingStart>(out _) ? Map(depth, line) : throw Fault("a value is expected here");
    }

    private YamlMap Map(int depth, long line)
    {
        var members = new List<(YamlText, YamlValue)>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (Value(depth + 1) is not YamlText key)
                throw Fault("a key has to be a text");
            if (!keys.Add(key.Text))
                throw new YamlFault(key.Line, $"the key '{key.Text}' is given twice");
            members.Add((key, Value(depth + 1)));
        }
        return new YamlMap(members, line);
    }

    private long Line => _parser.Current?.Start.Line ?? 1;

    private YamlFault Fault(string what) => new(Line, what);

    [GeneratedRegex(@"\A-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?([eE][+-]?[0-9]{1,2})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex JsonNumber();
}
