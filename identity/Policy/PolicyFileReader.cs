using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Cyborg.Identity.Policy;

/// <summary>Reads the text of a policy file: a YAML map of names to checks, each a text or a list of texts and lists of texts. JSON is
/// YAML, too. It goes through the file once and keeps no more of it than the rules: anchors, aliases and deep nesting are
/// refused.</summary>
internal sealed class PolicyFileReader
{
    private readonly string _file;
    private readonly Parser _parser;
    private readonly List<string> _notes;
    private readonly Dictionary<string, PolicyRuleText> _rules = new(StringComparer.Ordinal);

    private PolicyFileReader(string file, TextReader text, List<string> notes) =>
        (_file, _parser, _notes) = (file, new Parser(text), notes);

    /// <summary>Reads a file's rules.</summary>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="text">Its content.</param>
    /// <param name="notes">Gets what is odd and yet understood.</param>
    /// <exception cref="PolicyLoadException">The text is not a policy file.</exception>
    public static IReadOnlyDictionary<string, PolicyRuleText> Read(string file, TextReader text, List<string> notes)
    {
        var reader = new PolicyFileReader(file, text, notes);
        try
        {
            reader.Document();
        }
        catch (YamlException fault)
        {
            throw new PolicyLoadException($"{file}:{fault.Start.Line}: {PolicyRuleSet.Shown(fault.Message)}");
        }
        catch (Exception fault) when (fault is not (PolicyLoadException or IOException))
        {
            // Whatever else YAML's reader does with an odd text, it is the text's fault.
            throw new PolicyLoadException($"{file}: is not YAML: {PolicyRuleSet.Shown(fault.Message)}");
        }
        return reader._rules;
    }

    private void Document()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
            return;
        _parser.Consume<DocumentStart>();
        if (_parser.TryConsume<Scalar>(out var scalar))
        {
            if (!IsNull(scalar))
                throw Fault(scalar, "is not a map of rules");
        }
        else
        {
            Rules();
        }
        _parser.Consume<DocumentEnd>();
        if (!_parser.TryConsume<StreamEnd>(out _))
            throw Fault(_parser.Current, "has more than one document");
    }

    private void Rules()
    {
        Unanchored();
        if (!_parser.TryConsume<MappingStart>(out var start))
            throw Fault(_parser.Current, "is not a map of rules");
        if (!start.Tag.IsEmpty)
            throw Fault(start, "has a tag");
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = Text("the name of a rule");
            if (key.Value == "<<")
                throw Fault(key, "merges maps, which is not supported");
            if (_rules.ContainsKey(key.Value))
                _notes.Add($"{_file}:{key.Start.Line}: {PolicyRuleSet.Shown(key.Value)}: stands there twice; the last one counts");
            _rules[key.Value] = Rule();
            if (_rules.Count > PolicySource.MaxRules)
                throw Fault(key, $"has more than {PolicySource.MaxRules} rules");
        }
    }

    private PolicyRuleText Rule()
    {
        Unanchored();
        if (!_parser.TryConsume<SequenceStart>(out var list))
            return Text("a check").Value;
        Untagged(list);
        var any = new List<IReadOnlyList<string>>();
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            Unanchored();
            if (!_parser.TryConsume<SequenceStart>(out var inner))
            {
                any.Add(PolicyRuleText.Alone(Text("a check").Value));
                continue;
            }
            Untagged(inner);
            var all = new List<string>();
            while (!_parser.TryConsume<SequenceEnd>(out _))
                all.Add(Text("a check").Value);
            any.Add(all);
        }
        return new PolicyRuleText(null, any);
    }

    /// <summary>A text. Nothing at all is none: upstream reads it as a check that lets everybody in.</summary>
    private Scalar Text(string what)
    {
        Unanchored();
        if (!_parser.TryConsume<Scalar>(out var scalar))
            throw Fault(_parser.Current, $"has something else than a text for {what}");
        // A check ! without quotes is an empty text with a tag: it means nobody, and would let in everybody.
        if (!scalar.Tag.IsEmpty && scalar.Tag != "tag:yaml.org,2002:str")
            throw Fault(scalar, $"has a tag at {what}; quote texts that begin with '!'");
        if (scalar.Tag.IsEmpty && IsNull(scalar))
            throw Fault(scalar, $"lacks {what}; \"@\" lets everybody in, \"!\" nobody");
        return scalar;
    }

    private static bool IsNull(Scalar scalar) =>
        scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null" or "Null" or "NULL";

    private void Unanchored()
    {
        if (_parser.Accept<AnchorAlias>(out var alias))
            throw Fault(alias, "has an alias, which is not supported");
        if (_parser.Accept<NodeEvent>(out var node) && !node.Anchor.IsEmpty)
            throw Fault(node, "has an anchor, which is not supported");
    }

    private void Untagged(SequenceStart list)
    {
        if (!list.Tag.IsEmpty)
            throw Fault(list, "has a tag at a list");
    }

    private PolicyLoadException Fault(ParsingEvent? at, string what) => new($"{_file}:{at?.Start.Line ?? 1}: {what}");
}
