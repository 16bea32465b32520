namespace Cyborg.Hosting;

/// <summary>Something that a file sets and this service does not read.</summary>
/// <param name="Text">A line for the operator, with its place.</param>
/// <param name="IsWarning">True if it is likely a mistake; false if it is there for others and merely has no effect here.</param>
internal sealed record ConfigRemark(string Text, bool IsWarning);

/// <summary>What stands in a file and nobody here reads, each told once: options that nobody knows are most likely typing errors; upstream's that have no
/// effect are told with the reason; those of other services are no remark at all.</summary>
internal static class UnknownOptions
{
    public static IEnumerable<ConfigRemark> In(IReadOnlyList<ConfigEntry> entries, IReadOnlyList<Option> known)
    {
        var names = known.Select(option => (option.Section, option.Name)).ToHashSet();
        var dynamic = known.Where(option => option.IsDynamic).ToList();
        var foreign = ForeignSections(entries, known);
        var told = new HashSet<(string, string)>();
        foreach (var entry in entries)
        {
            var isKnown = names.Contains((entry.Section, entry.Name)) || dynamic.Any(option => option.Declares(entry.Section, entry.Name));
            if (isKnown || foreign.Contains(entry.Section) || HouseOptions.Knows(entry.Section, entry.Name) || !told.Add((entry.Section, entry.Name)))
                continue;
            yield return IgnoredOptions.Find(entry.Section, entry.Name) is { } ignored
                ? new ConfigRemark($"{Place(entry)} {ignored.Why}", ignored.Kind == IgnoredKind.Dead)
                : new ConfigRemark(
                    $"{Place(entry)} is not an option that this service knows; it has no effect{Meant(entry, names, entries)}", IsWarning: true);
        }
    }

    /// <summary>Sections whose names are the operator's and whose options another part reads: a log-in to which a section refers, and the backends of an
    /// agent, whose options an agent knows itself.</summary>
    private static HashSet<string> ForeignSections(IReadOnlyList<ConfigEntry> entries, IReadOnlyList<Option> known)
    {
        var own = known.Select(option => option.Section).ToHashSet();
        var foreign = entries.Where(entry => entry.Name == "auth_section").Select(entry => entry.Text).ToHashSet();
        if (!known.Any(option => option is { Section: "*", Name: "backend_driver" }))
            foreign.UnionWith(entries.Where(entry => entry.Name == "backend_driver").Select(entry => entry.Section));
        foreign.ExceptWith(own);
        return foreign;
    }

    private static string Meant(ConfigEntry entry, HashSet<(string Section, string Name)> names, IReadOnlyList<ConfigEntry> entries)
    {
        var here = names.Where(name => name.Section == entry.Section).Select(name => name.Name).Concat(HouseOptions.In(entry.Section))
            .Except(entries.Where(other => other.Section == entry.Section).Select(other => other.Name));
        if (NearName.Of(entry.Name, here) is { } near)
            return $"; did you mean {near}?";
        var elsewhere = names.Where(name => name.Name == entry.Name && !name.Section.EndsWith('*')).Select(name => name.Section)
            .Concat(HouseOptions.SectionsOf(entry.Name)).Distinct().Order(StringComparer.Ordinal).ToList();
        if (NearName.Of(entry.Section, elsewhere) is { } section)
            return $"; did you mean [{section}] {entry.Name}?";
        return elsewhere is [var only] ? $"; did you mean [{only}] {entry.Name}?" : "";
    }

    private static string Place(ConfigEntry entry) =>
        $"{Printable.Escape(entry.File)}:{entry.Line}: [{Printable.Escape(entry.Section, 100)}] {Printable.Escape(entry.Name, 100)}";
}
