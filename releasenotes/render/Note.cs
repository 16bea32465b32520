using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Cyborg.ReleaseNotes;

/// <summary>One change as its operators are told of it, in the form of OpenStack's reno: a YAML file, named by its subject and 16 hex digits, with sections of
/// which each is a list of texts.</summary>
/// <param name="Name">Name of the file without its ending.</param>
/// <param name="Texts">Section to texts, in the order of the file.</param>
internal sealed partial record Note(string Name, IReadOnlyDictionary<string, IReadOnlyList<string>> Texts)
{
    /// <summary>The section with one text, which is shown first.</summary>
    public const string Prelude = "prelude";

    /// <summary>reno's sections with their titles, in the order in which it shows them.</summary>
    public static IReadOnlyList<(string Key, string Title)> Sections { get; } =
    [
        (Prelude, "Prelude"), ("features", "New Features"), ("issues", "Known Issues"), ("upgrade", "Upgrade Notes"), ("deprecations", "Deprecation Notes"),
        ("critical", "Critical Issues"), ("security", "Security Issues"), ("fixes", "Bug Fixes"), ("other", "Other Notes"),
    ];

    /// <summary>Reads every note of a folder, by name.</summary>
    /// <exception cref="InvalidDataException">One is not of that form.</exception>
    /// <exception cref="IOException">They cannot be read.</exception>
    public static IReadOnlyList<Note> LoadAll(string folder) =>
        [.. Directory.GetFiles(folder, "*.yaml").Order(StringComparer.Ordinal).Select(Load)];

    /// <summary>Reads a note.</summary>
    /// <exception cref="InvalidDataException">It is not of that form.</exception>
    public static Note Load(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        if (!NamePattern().IsMatch(name))
            throw new InvalidDataException($"{path}: a note is named SUBJECT-0123456789abcdef.yaml, its number of 16 hex digits");
        try
        {
            using var reader = new StreamReader(path);
            var stream = new YamlStream();
            stream.Load(reader);
            return stream.Documents is [{ RootNode: YamlMappingNode { Children.Count: > 0 } root }]
                ? new Note(name, root.Children.ToDictionary(pair => Section(path, pair.Key), pair => TextsOf(path, pair.Key, pair.Value)))
                : throw new InvalidDataException($"{path}: it is to have sections");
        }
        catch (YamlException fault)
        {
            throw new InvalidDataException($"{path}: {fault.Start}: {fault.Message}", fault);
        }
    }

    private static string Section(string path, YamlNode key) =>
        key is YamlScalarNode { Value: { } name } && Sections.Any(section => section.Key == name)
            ? name
            : throw new InvalidDataException($"{path}: {key} is no section; there are {string.Join(", ", Sections.Select(section => section.Key))}");

    private static IReadOnlyList<string> TextsOf(string path, YamlNode key, YamlNode value) => (key.ToString(), value) switch
    {
        (Prelude, YamlScalarNode { Value.Length: > 0 } text) => [text.Value.Trim()],
        (not Prelude, YamlSequenceNode { Children.Count: > 0 } list) when list.All(item => item is YamlScalarNode { Value.Length: > 0 }) =>
            [.. list.Select(item => ((YamlScalarNode)item).Value!.Trim())],
        _ => throw new InvalidDataException($"{path}: {key} takes {(key.ToString() == Prelude ? "a text" : "a list of texts")}"),
    };

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]*-[0-9a-f]{16}\z")]
    private static partial Regex NamePattern();
}
