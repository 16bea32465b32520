using System.Collections.Immutable;

namespace Cyborg.Hosting;

/// <summary>The configuration of a process: what its files say, checked at once, and the defaults. Immutable; read it once at
/// start.</summary>
public sealed class CyborgConfig
{
    private static readonly ImmutableDictionary<(string, string), object?> NoOverrides =
        ImmutableDictionary<(string, string), object?>.Empty;

    private readonly Dictionary<(string Section, string Name), Option> _known;
    private readonly IReadOnlyList<Option> _dynamic;
    private readonly Dictionary<(string Section, string Name), IReadOnlyList<ConfigEntry>> _entries;
    private readonly ImmutableDictionary<(string Section, string Name), object?> _overrides;

    private CyborgConfig(IReadOnlyList<ConfigEntry> entries, IReadOnlyList<Option> own)
    {
        IReadOnlyList<Option> known = [.. own, .. SharedOptions.All];
        _known = [];
        foreach (var option in known)
            _known.TryAdd((option.Section, option.Name), option);
        _dynamic = [.. known.Where(option => option.IsDynamic)];
        _entries = entries.GroupBy(entry => (entry.Section, entry.Name))
            .ToDictionary(group => group.Key, IReadOnlyList<ConfigEntry> (group) => [.. group]);
        _overrides = NoOverrides;
        Sections = [.. entries.Select(entry => entry.Section).Distinct()];
        var remarks = UnknownOptions.In(entries, known).ToList();
        Warnings = [.. remarks.Where(remark => remark.IsWarning).Select(remark => remark.Text)];
        Notes = [.. remarks.Where(remark => !remark.IsWarning).Select(remark => remark.Text)];
        Folders = [.. entries.Select(entry => Path.GetDirectoryName(Path.GetFullPath(entry.File))).OfType<string>().Distinct()];
    }

    private CyborgConfig(CyborgConfig other, ImmutableDictionary<(string, string), object?> overrides)
    {
        (_known, _dynamic, _entries) = (other._known, other._dynamic, other._entries);
        (Sections, Warnings, Notes, Folders) = (other.Sections, other.Warnings, other.Notes, other.Folders);
        _overrides = overrides;
    }

    /// <summary>A configuration without files: every option has its default.</summary>
    public static CyborgConfig Empty { get; } = new([], []);

    /// <summary>The sections in which files set something, in the order in which they first appear; for dynamic sections.</summary>
    public IReadOnlyList<string> Sections { get; }

    /// <summary>Options in the files that nobody knows or that nobody reads any more, each once, as lines for the log.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Options of upstream's files that have no effect here, each once with the reason, as lines for the log.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>How many options the files set.</summary>
    public int SetCount => _entries.Count;

    /// <summary>The folders of the files that set something: where other files are looked for that an option names without a folder.</summary>
    public IReadOnlyList<string> Folders { get; }

    /// <summary>Reads configuration files. A later assignment wins over an earlier one.</summary>
    /// <param name="files">The files in their order.</param>
    /// <param name="known">The options of this process, beside those of <see cref="SharedOptions"/>.</param>
    /// <exception cref="ConfigException">Anything is wrong; it has all faults, one line <c>file:line: [section] name: ...</c>
    /// each.</exception>
    public static CyborgConfig Parse(IReadOnlyList<ConfigSource> files, IReadOnlyList<Option> known)
    {
        var faults = new List<string>();
        var config = Read(files, known, faults);
        return faults.Count == 0 ? config : throw new ConfigException(faults);
    }

    /// <summary>As <see cref="Parse"/>, but goes on with what is wrong: asking for such an option throws.</summary>
    /// <param name="files">The files in their order.</param>
    /// <param name="known">The options of this process.</param>
    /// <param name="faults">Gets what is wrong, one line each.</param>
    internal static CyborgConfig Read(IReadOnlyList<ConfigSource> files, IReadOnlyList<Option> known, List<string> faults)
    {
        var entries = files.SelectMany(file => ConfigReader.Read(file, faults)).ToList();
        var config = new CyborgConfig(entries, known);
        foreach (var ((section, name), values) in config._entries)
        {
            if (config.OptionAt(section, name) is { } option && config.FaultIn(option, section, values) is { } fault)
                faults.Add(fault);
        }
        return config;
    }

    /// <summary>The options of this process that have another value than before, as the files write them; those of dynamic sections with their section.</summary>
    /// <param name="before">The configuration from before, of the same process.</param>
    public IReadOnlyList<Option> ChangedSince(CyborgConfig before)
    {
        var sections = Sections.Union(before.Sections).ToList();
        var declared = _known.Values.SelectMany(option => option.IsDynamic
            ? sections.Where(section => option.Declares(section, option.Name)).Select(section => option with { Section = section })
            : [option]);
        // An option of its own name comes before the pattern that fits it, too.
        return [.. declared.DistinctBy(option => (option.Section, option.Name)).Where(option => !ValueOf(option).SequenceEqual(before.ValueOf(option)))];
    }

    /// <summary>Reads the files that the command line names (or <c>/etc/cyborg/cyborg.conf</c>, when it exists and none is named), then
    /// what the command line itself sets.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="known">The options of this process.</param>
    /// <exception cref="ConfigException">A named file cannot be read, or anything in one is wrong.</exception>
    public static CyborgConfig Load(CommandLineArguments args, IReadOnlyList<Option> known)
    {
        var config = Parse(ConfigFiles.Read(args), known);
        if (args.Debug)
            config = config.With(SharedOptions.DebugOption, true);
        var faults = new List<string>();
        foreach (var (flag, option, text) in args.Settings)
        {
            var parsed = option.ParseText(text);
            if (parsed.Fault is { } fault)
                faults.Add($"{flag}: {(option.IsSecret ? "the value" : Quoted(text))} {fault}");
            config = new CyborgConfig(config, config._overrides.SetItem((option.Section, option.Name), parsed.Value));
        }
        return faults.Count == 0 ? config : throw new ConfigException(faults);
    }

    /// <summary>An option's value: what was set in code, else what the files say, else its default.</summary>
    /// <param name="option">The option. One that was not known when the files were read is checked now.</param>
    /// <exception cref="ConfigException">The value cannot be read.</exception>
    public T Get<T>(Option<T> option)
    {
        if (_overrides.TryGetValue((option.Section, option.Name), out var value))
            return (T)value!;
        if (!_entries.TryGetValue((option.Section, option.Name), out var values))
            return GetDefault(option);
        var fault = Substitute(option, option.Section, values, out var texts) ?? FaultLine(option, values[^1], option.FaultIn(texts));
        return fault is null ? option.Parse(texts).Value : throw new ConfigException(fault);
    }

    /// <summary>The same configuration with another value of one option.</summary>
    /// <param name="option">The option.</param>
    /// <param name="value">Its value; not checked against bounds.</param>
    public CyborgConfig With<T>(Option<T> option, T value) => new(this, _overrides.SetItem((option.Section, option.Name), value));

    /// <summary>True if a file, the command line or <see cref="With"/> sets the option.</summary>
    /// <param name="option">The option.</param>
    public bool IsSet(Option option) =>
        _overrides.ContainsKey((option.Section, option.Name)) || _entries.ContainsKey((option.Section, option.Name));

    /// <summary>Where an option is set, for messages: <c>file:line: [section] name</c>, or without a place if no file sets it.</summary>
    /// <param name="option">The option.</param>
    public string Place(Option option) =>
        !_overrides.ContainsKey((option.Section, option.Name)) && _entries.TryGetValue((option.Section, option.Name), out var values)
            ? Place(values[^1])
            : $"[{option.Section}] {option.Name}";

    private static string Place(ConfigEntry entry) =>
        $"{Printable.Escape(entry.File)}:{entry.Line}: [{Printable.Escape(entry.Section, 100)}] {Printable.Escape(entry.Name, 100)}";

    private static string Quoted(string text) => $"'{Printable.Escape(text, 80)}'";

    private static string? FaultLine(Option option, ConfigEntry entry, string? fault) =>
        fault is null ? null : $"{Place(entry)}: {(option.IsSecret ? "the value" : Quoted(entry.Text))} {fault}";

    private T GetDefault<T>(Option<T> option)
    {
        if (option.Default is not string text || !text.Contains('$'))
            return option.Default;
        var substituted = Substitution.Apply(option.Section, text, option.IsSecret, Find);
        return substituted.Fault is { } fault
            ? throw new ConfigException($"{Place(option)}: its default {fault}")
            : option.Parse([new ConfigText(substituted.Value)]).Value;
    }

    private IReadOnlyList<string?> ValueOf(Option option)
    {
        if (_overrides.TryGetValue((option.Section, option.Name), out var value))
            return [option.Format(value)];
        if (!_entries.TryGetValue((option.Section, option.Name), out var values))
            return [option.DefaultText is { } text ? Substitution.Apply(option.Section, text, option.IsSecret, Find).Value : null];
        return Substitute(option, option.Section, values, out var texts) is null ? [.. texts.Select(text => text.Text)] : [null];
    }

    private Option? OptionAt(string section, string name) =>
        _known.GetValueOrDefault((section, name)) ?? _dynamic.FirstOrDefault(option => option.Declares(section, name));

    private string? FaultIn(Option option, string section, IReadOnlyList<ConfigEntry> values) =>
        Substitute(option, section, values, out var texts) ?? FaultLine(option, values[^1], option.FaultIn(texts));

    private string? Substitute(Option option, string section, IReadOnlyList<ConfigEntry> values, out IReadOnlyList<ConfigText> texts)
    {
        var result = new List<ConfigText>();
        texts = result;
        foreach (var entry in option.IsMulti ? values : [values[^1]])
        {
            var substituted = Substitution.Apply(section, entry.Text, option.IsSecret, Find);
            if (substituted.Fault is { } fault)
                return FaultLine(option, entry, fault);
            result.Add(new ConfigText(substituted.Value, entry.Quote));
        }
        return null;
    }

    private bool Find(string section, string name, out string? text)
    {
        var option = OptionAt(section, name);
        text = null;
        if (_overrides.TryGetValue((section, name), out var value))
            // What was set in code is meant as it is.
            text = (option?.Format(value) ?? value as string)?.Replace("$", "$$", StringComparison.Ordinal);
        else if (_entries.TryGetValue((section, name), out var values))
            text = values[^1].Text;
        else if (option is not null)
            text = option.DefaultText;
        else
            return false;
        return true;
    }
}
