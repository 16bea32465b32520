namespace Cyborg.Hosting;

/// <summary>Every option that any service of the house reads, by the sample of cyborg.conf that comes with it: one file serves all of them, and what one
/// service does not know may be another's. A test compares the sample with what the services declare.</summary>
internal static class HouseOptions
{
    private const string Resource = "cyborg.conf.sample";

    private static readonly Lazy<string> Text = new(Read);

    private static readonly Lazy<HashSet<(string Section, string Name)>> Names = new(() => [.. ConfigSample.NamesIn(Text.Value)]);

    private static readonly Lazy<IReadOnlyList<(string Prefix, string Name)>> Dynamic = new(() =>
        [.. Names.Value.Where(option => option.Section.EndsWith('*')).Select(option => (option.Section[..^1], option.Name))]);

    /// <summary>The sample of the whole file.</summary>
    public static string Sample => Text.Value;

    /// <summary>True if some service reads the option.</summary>
    public static bool Knows(string section, string name) =>
        Names.Value.Contains((section, name))
        || Dynamic.Value.Any(option => option.Name == name && section.StartsWith(option.Prefix, StringComparison.Ordinal));

    /// <summary>The options of a section; none if there is no such section.</summary>
    public static IEnumerable<string> In(string section) => Names.Value.Where(option => option.Section == section).Select(option => option.Name)
        .Concat(Dynamic.Value.Where(option => section.StartsWith(option.Prefix, StringComparison.Ordinal)).Select(option => option.Name));

    /// <summary>The sections that have an option of this name.</summary>
    public static IEnumerable<string> SectionsOf(string name) =>
        Names.Value.Where(option => option.Name == name && !option.Section.EndsWith('*')).Select(option => option.Section);

    private static string Read()
    {
        using var stream = typeof(HouseOptions).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
