using System.Globalization;

namespace Cyborg.Hosting;

/// <summary>Makes options of the types that oslo.config has.</summary>
public static class Options
{
    /// <summary>A text.</summary>
    /// <param name="section">Section of the file.</param>
    /// <param name="name">Key in it.</param>
    /// <param name="default">Value if no file sets it; may hold <c>$name</c>.</param>
    /// <param name="help">What it does, in a sentence.</param>
    public static Option<string> String(string section, string name, string @default, string help) =>
        new(section, name, help, @default, OptionTypes.Text(null));

    /// <summary>A text with a check of its own.</summary>
    /// <param name="section">Section of the file.</param>
    /// <param name="name">Key in it.</param>
    /// <param name="default">Value if no file sets it; may hold <c>$name</c>.</param>
    /// <param name="help">What it does, in a sentence.</param>
    /// <param name="check">Null if the text is right, else what is wrong and what would be right (without the value if it is
    /// secret).</param>
    public static Option<string> String(string section, string name, string @default, string help, Func<string, string?> check) =>
        new(section, name, help, @default, OptionTypes.Text(check));

    /// <summary>A text that may be absent; an empty one counts as absent.</summary>
    /// <param name="section">Section of the file.</param>
    /// <param name="name">Key in it.</param>
    /// <param name="help">What it does, in a sentence.</param>
    public static Option<string?> OptionalString(string section, string name, string help) =>
        new(section, name, help, null, OptionTypes.OptionalText);

    /// <summary>A text that may hold a password: never printed, neither in faults nor in a sample.</summary>
    /// <param name="section">Section of the file.</param>
    /// <param name="name">Key in it.</param>
    /// <param name="default">Value if no file sets it; may hold <c>$name</c>.</param>
    /// <param name="help">What it does, in a sentence.</param>
    /// <param name="check">Null if the text is right, else what is wrong and what would be right, without the value itself.</param>
    public static Option<string> Secret(string section, string name, string @default, string help, Func<string, string?>? check = null) =>
        new(section, name, help, @default, OptionTypes.Text(check)) { IsSecret = true };

    /// <summary>A whole number within bounds.</summary>
    /// <param name="section">Section of the file.</param>
    /// <param name="name">Key in it.</param>
    /// <param name="default">Value if no file sets it.</param>
    /// <param name="help">What it does and its unit, in a sentence.</param>
    /// <param name="min">Lowest value allowed.</param>
    /// <param name="max">Highest value allowed.</param>
    public static Option<int> Integer(
        string section, string name, int @default, string help, int min = int.MinValue, int max = int.MaxValue) =>
        new(section, name, help, @default, OptionTypes.Integer(min, max));

    /// <summary>A number, with a point for fractions.</summary>
    /// <param name="section">Section of the file.</param>
    /// <param name="name">Key in it.</param>
    /// <param name="default">Value if no file sets it.</param>
    /// <param name="help">What it does and its unit, in a sentence.</param>
    /// <param name="min">Lowest value allowed.</param>
    public static Option<double> Number(string section, string name, double @default, string help, double min = 0) =>
        new(section, name, help, @default, OptionTypes.Number(min));

    /// <summary>A yes or no: <c>true/false</c>, <c>1/0</c>, <c>yes/no</c>, <c>on/off</c> in any case.</summary>
    /// <param name="section">Section of the file.</param>
    /// <param name="name">Key in it.</param>
    /// <param name="default">Value if no file sets it.</param>
    /// <param name="help">What it does, in a sentence.</param>
    public static Option<bool> Boolean(string section, string name, bool @default, string help) =>
        new(section, name, help, @default, OptionTypes.Boolean);

    /// <summary>One of some words, case-sensitive.</summary>
    /// <param name="section">Section of the file.</param>
    /// <param name="name">Key in it.</param>
    /// <param name="default">Value if no file sets it.</param>
    /// <param name="choices">The words.</param>
    /// <param name="help">What it does and what each word means, in a sentence.</param>
    public static Option<string> Choice(string section, string name, string @default, IReadOnlyList<string> choices, string help) =>
        new(section, name, help, @default, OptionTypes.Choice(choices));

    /// <summary>Values separated by commas. A value in quotes may hold commas; empty ones are dropped.</summary>
    /// <param name="section">Section of the file.</param>
    /// <param name="name">Key in it.</param>
    /// <param name="default">Value if no file sets it.</param>
    /// <param name="help">What it does, in a sentence.</param>
    public static Option<IReadOnlyList<string>> List(string section, string name, IReadOnlyList<string> @default, string help) =>
        new(section, name, help, @default, OptionTypes.List);

    /// <summary>A key that may be repeated; all its values count, in the order of the files.</summary>
    /// <param name="section">Section of the file.</param>
    /// <param name="name">Key in it.</param>
    /// <param name="default">Value if no file sets it.</param>
    /// <param name="help">What it does, in a sentence.</param>
    public static Option<IReadOnlyList<string>> Multi(string section, string name, IReadOnlyList<string> @default, string help) =>
        new(section, name, help, @default, OptionTypes.Multi) { IsMulti = true };
}

/// <summary>Reading and writing of values. Text rules are those of oslo.config's types.</summary>
internal static class OptionTypes
{
    public static OptionType<string?> OptionalText { get; } = new(
        "text",
        values => new(values[^1].Text.Length == 0 ? null : values[^1].Text, null),
        value => value);

    public static OptionType<bool> Boolean { get; } = new(
        "boolean",
        values => ParseBoolean(values[^1].Text),
        value => value ? "true" : "false");

    public static OptionType<IReadOnlyList<string>> List { get; } = new(
        "list", values => ConfigLists.Parse(values[^1]), ConfigLists.Format);

    public static OptionType<IReadOnlyList<string>> Multi { get; } = new(
        "text, repeatable",
        values => new([.. values.Select(value => value.Text)], null),
        values => values.Count == 0 ? null : values[^1]);

    public static OptionType<string> Text(Func<string, string?>? check) => new(
        "text",
        values => new(values[^1].Text, check?.Invoke(values[^1].Text)),
        value => value);

    public static OptionType<string> Choice(IReadOnlyList<string> choices) => new(
        string.Join(" | ", choices),
        values => choices.Contains(values[^1].Text)
            ? new(values[^1].Text, null)
            : Parsed<string>.Wrong($"is none of the values that it can have; write one of {string.Join(", ", choices)}"),
        value => value,
        [$"Possible values: {string.Join(", ", choices)}"]);

    public static OptionType<int> Integer(int min, int max) => new(
        "integer",
        values => ParseInteger(values[^1].Text, min, max),
        value => value.ToString(CultureInfo.InvariantCulture),
        [.. Limits(min, max)]);

    public static OptionType<double> Number(double min) => new(
        "number",
        values => ParseNumber(values[^1].Text, min),
        value => value.ToString("R", CultureInfo.InvariantCulture),
        double.IsFinite(min) && min > double.MinValue ? [FormattableString.Invariant($"Minimum value: {min}")] : []);

    private static IEnumerable<string> Limits(int min, int max)
    {
        if (min != int.MinValue)
            yield return FormattableString.Invariant($"Minimum value: {min}");
        if (max != int.MaxValue)
            yield return FormattableString.Invariant($"Maximum value: {max}");
    }

    private static Parsed<bool> ParseBoolean(string text) => text.Trim().ToLowerInvariant() switch
    {
        "true" or "1" or "on" or "yes" => new(true, null),
        "false" or "0" or "off" or "no" => new(false, null),
        _ => Parsed<bool>.Wrong("is not a boolean; write true or false"),
    };

    private static Parsed<int> ParseInteger(string text, int min, int max)
    {
        var read = int.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value);
        return read && value >= min && value <= max
            ? new(value, null)
            : Parsed<int>.Wrong((read ? "is out of bounds" : "is not an integer") + "; write " + Bounds(min, max));
    }

    private static string Bounds(int min, int max) => (min, max) switch
    {
        (int.MinValue, int.MaxValue) => "a whole number",
        (_, int.MaxValue) => FormattableString.Invariant($"a whole number of at least {min}"),
        (int.MinValue, _) => FormattableString.Invariant($"a whole number of at most {max}"),
        _ => FormattableString.Invariant($"a whole number from {min} to {max}"),
    };

    private static Parsed<double> ParseNumber(string text, double min)
    {
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        var read = double.TryParse(text.Trim(), style, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value);
        if (read && value >= min)
            return new(value, null);
        var right = double.IsNegativeInfinity(min) || min == double.MinValue
            ? "a number"
            : FormattableString.Invariant($"a number of at least {min}");
        return Parsed<double>.Wrong((read ? "is out of bounds" : "is not a number") + "; write " + right);
    }
}
