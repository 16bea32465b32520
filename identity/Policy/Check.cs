namespace Cyborg.Identity.Policy;

/// <summary>A node of a rule's tree. Immutable; printed in the policy language, as oslo.policy prints it.</summary>
internal abstract record Check
{
    /// <summary>The check in the policy language. What the parser read from a text is read from its print again.</summary>
    public abstract string Print();

    public sealed override string ToString() => Print();
}

/// <summary><c>@</c>: everybody.</summary>
internal sealed record AllowCheck : Check
{
    public static readonly AllowCheck Instance = new();
    public override string Print() => "@";
}

/// <summary><c>!</c>: nobody.</summary>
internal sealed record DenyCheck : Check
{
    public static readonly DenyCheck Instance = new();
    public override string Print() => "!";
}

/// <summary>A text that is no check, or a rule that is no expression. It lets nobody in, and nor does its negation.</summary>
/// <param name="Text">What stood there.</param>
internal sealed record UnclearCheck(string Text) : Check
{
    public override string Print() => Text;
}

/// <summary>A check that cannot be made: whoever comes to it is denied, whatever else the rule says. Upstream raises here.</summary>
/// <param name="Text">What stood there.</param>
/// <param name="Match">What upstream reads before it raises; null if nothing.</param>
internal sealed record RefusedCheck(string Text, PercentTemplate? Match = null) : Check
{
    public override string Print() => Text;
}

internal sealed record NotCheck(Check Operand) : Check
{
    public override string Print() => "not " + Operand.Print();
}

/// <summary>All of some checks, tried in order until one denies.</summary>
internal sealed record AndCheck(IReadOnlyList<Check> Operands) : Check
{
    public override string Print() => $"({string.Join(" and ", Operands.Select(operand => operand.Print()))})";
}

/// <summary>Any of some checks, tried in order until one allows.</summary>
internal sealed record OrCheck(IReadOnlyList<Check> Operands) : Check
{
    public override string Print() => $"({string.Join(" or ", Operands.Select(operand => operand.Print()))})";
}

/// <summary><c>rule:NAME</c>: another rule.</summary>
internal sealed record RuleCheck(string Name) : Check
{
    public override string Print() => "rule:" + Name;
}

/// <summary><c>role:NAME</c>: the caller has the role, in any case of letters.</summary>
internal sealed record RoleCheck(PercentTemplate Role) : Check
{
    public override string Print() => "role:" + Role.Text;
}

/// <summary><c>http://HOST/...</c> or <c>https:</c>: a server says so.</summary>
/// <param name="Scheme"><c>http</c> or <c>https</c>.</param>
/// <param name="Rest">The address after the scheme and its colon.</param>
internal sealed record RemoteCheck(string Scheme, PercentTemplate Rest) : Check
{
    public override string Print() => $"{Scheme}:{Rest.Text}";

    /// <summary>The address with the target's values, which cannot leave their place in it.</summary>
    /// <returns>Null if the target lacks a value, or if that is no address.</returns>
    public Uri? Address(IReadOnlyDictionary<string, object?> target)
    {
        if (Rest.Render(target, Escape) is not { Outcome: TemplateOutcome.Text, HasNull: false, Text: var rest }
            || !Uri.TryCreate($"{Scheme}:{rest}", UriKind.Absolute, out var address))
            return null;
        return address.Scheme == Scheme && address.Host.Length > 0 && address.UserInfo.Length == 0 ? address : null;
    }

    // Dots alone would climb to another path, even escaped.
    private static string Escape(string value) => value is "." or ".." ? "" : Uri.EscapeDataString(value);
}

/// <summary><c>'literal':MATCH</c>: a constant, compared to the target.</summary>
/// <param name="Kind">The literal as written.</param>
/// <param name="Value">Its text as Python's <c>str()</c> gives it.</param>
/// <param name="Match">What it is compared to.</param>
internal sealed record LiteralCheck(string Kind, string Value, PercentTemplate Match) : Check
{
    public override string Print() => $"{Kind}:{Match.Text}";
}

/// <summary><c>a.b:MATCH</c>: a value of the credentials, compared to the target.</summary>
/// <param name="Path">Keys into the credentials.</param>
/// <param name="Match">What it is compared to.</param>
internal sealed record PathCheck(string[] Path, PercentTemplate Match) : Check
{
    public override string Print() => $"{string.Join('.', Path)}:{Match.Text}";
}
