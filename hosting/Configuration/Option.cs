namespace Cyborg.Hosting;

/// <summary>One option of cyborg.conf, documented where it is declared. Made by <see cref="Options"/>.</summary>
/// <param name="Section">Section it stands in, case-sensitive. A trailing <c>*</c> declares it for every section that begins so
/// (dynamic sections such as <c>vgpu_*</c>); read such a one with <c>option with { Section = "vgpu_x" }</c>.</param>
/// <param name="Name">Its key, case-sensitive.</param>
/// <param name="Help">What it does, its unit and limits, in a sentence.</param>
public abstract record Option(string Section, string Name, string Help)
{
    /// <summary>What a value looks like, for messages and the sample file: <c>integer</c>, <c>list</c>...</summary>
    public abstract string TypeName { get; }

    /// <summary>The default as one would write it in a file; null if there is none.</summary>
    public abstract string? DefaultText { get; }

    /// <summary>Text for the sample file where the default depends on the machine; null to show <see cref="DefaultText"/>.</summary>
    public string? SampleDefault { get; init; }

    /// <summary>True if a value may hold a password: it is then never printed.</summary>
    public bool IsSecret { get; init; }

    /// <summary>True if the key may be repeated and all its values count; of any other option the last one wins.</summary>
    public bool IsMulti { get; init; }

    /// <summary>True if a running service takes a new value over at a reload (SIGHUP); any other needs a restart.</summary>
    public bool IsMutable { get; init; }

    /// <summary>What a value is bound to, for the sample file, one line each: <c>Minimum value: 1</c>.</summary>
    public virtual IReadOnlyList<string> Limits => [];

    /// <summary>True if the option is declared for all sections that begin with the same letters.</summary>
    public bool IsDynamic => Section.EndsWith('*');

    internal bool Declares(string section, string name) =>
        Name == name && (IsDynamic ? section.StartsWith(Section[..^1], StringComparison.Ordinal) : Section == section);

    /// <summary>Null if the values can be read, else what is wrong and what would be right.</summary>
    internal abstract string? FaultIn(IReadOnlyList<ConfigText> values);

    /// <summary>The text of a value that was set in code, for <c>$name</c>.</summary>
    internal abstract string? Format(object? value);

    internal abstract Parsed<object?> ParseText(string text);
}

/// <summary>An option with the type of its values.</summary>
/// <typeparam name="T">Type of its values.</typeparam>
public sealed record Option<T> : Option
{
    private readonly string _typeName;
    private readonly Func<IReadOnlyList<ConfigText>, Parsed<T>> _parse;
    private readonly Func<T, string?> _format;
    private readonly IReadOnlyList<string> _limits;

    internal Option(string section, string name, string help, T @default, OptionType<T> type) : base(section, name, help) =>
        (Default, _typeName, _parse, _format, _limits) = (@default, type.Name, type.Parse, type.Format, type.Limits ?? []);

    /// <summary>The value when no file sets it. A text may refer to other options with <c>$name</c>.</summary>
    public T Default { get; init; }

    /// <inheritdoc/>
    public override string TypeName => _typeName;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Limits => _limits;

    /// <inheritdoc/>
    public override string? DefaultText => Default is null ? null : _format(Default);

    internal Parsed<T> Parse(IReadOnlyList<ConfigText> values) => _parse(values);

    internal override string? FaultIn(IReadOnlyList<ConfigText> values) => _parse(values).Fault;

    internal override string? Format(object? value) => value is T typed ? _format(typed) : null;

    internal override Parsed<object?> ParseText(string text)
    {
        var parsed = _parse([new ConfigText(text)]);
        return new(parsed.Value, parsed.Fault);
    }
}

/// <summary>How values of an option are read and written.</summary>
internal sealed record OptionType<T>(
    string Name, Func<IReadOnlyList<ConfigText>, Parsed<T>> Parse, Func<T, string?> Format, IReadOnlyList<string>? Limits = null);

/// <summary>A value, or what is wrong with it.</summary>
internal readonly record struct Parsed<T>(T Value, string? Fault)
{
    public static Parsed<T> Wrong(string fault) => new(default!, fault);
}

/// <summary>One value as a file has it, after substitution.</summary>
/// <param name="Text">The value.</param>
/// <param name="Quote">The pair of quotes that stood around the whole value and was taken off; null if none.</param>
internal readonly record struct ConfigText(string Text, char? Quote = null);
