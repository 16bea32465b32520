namespace Cyborg.Identity.Policy;

/// <summary>Reads single checks, <c>kind:match</c>.</summary>
internal static class PolicyChecks
{
    public static Check Parse(string text, List<string> problems)
    {
        if (text == "@")
            return AllowCheck.Instance;
        if (text == "!")
            return DenyCheck.Instance;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            problems.Add($"'{text}' is no check (it has no ':'); it denies");
            return new UnclearCheck(text);
        }
        var (kind, match) = (text[..colon], text[(colon + 1)..]);
        if (kind == "rule")
            return new RuleCheck(match);
        if (PercentTemplate.Parse(match) is not { } template)
            return Refused(text, "has a format other than %(key)s", problems);
        if (kind is "http" or "https")
            return Remote(kind, template, problems);
        if (kind == "role")
            return new RoleCheck(template);
        if (PythonText.OfLiteral(kind) is { } literal)
            return new LiteralCheck(kind, literal, template);
        return IsPath(kind)
            ? new PathCheck(kind.Split('.'), template)
            : Refused(text, "is of a kind that is neither a name nor a literal", problems);
    }

    private static Check Remote(string scheme, PercentTemplate rest, List<string> problems)
    {
        var address = rest.Text;
        if (!address.StartsWith("//", StringComparison.Ordinal) || address.Length == 2)
            return Refused($"{scheme}:{address}", "is no address", problems);
        var end = address.AsSpan(2).IndexOfAny('/', '?', '#');
        var host = end < 0 ? address[2..] : address[2..(2 + end)];
        if (!host.Contains('@'))
            return new RemoteCheck(scheme, rest);
        // Neither the name nor the password is for the log.
        return Refused(scheme + "://...", "has a user in its address, which is not supported", problems);
    }

    private static RefusedCheck Refused(string text, string why, List<string> problems)
    {
        problems.Add($"'{text}' {why}; it denies");
        return new RefusedCheck(text);
    }

    /// <summary>True for names that Python could read as an expression of names; upstream raises for what it cannot read.</summary>
    private static bool IsPath(string kind) =>
        kind.Split('.').All(segment => segment.Length > 0
            && (char.IsLetter(segment[0]) || segment[0] == '_')
            && segment.All(c => char.IsLetterOrDigit(c) || c is '_' or '-'));
}
