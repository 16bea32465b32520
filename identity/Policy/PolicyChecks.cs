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
        var template = PercentTemplate.Parse(match);
        if (template.IsBroken && kind is not ("http" or "https"))
            problems.Add($"'{text}' has a format other than %(key)s; it denies");
        if (kind is "http" or "https")
            return Remote(kind, template, problems);
        return kind == "role" ? new RoleCheck(template) : Generic(text, kind, template, problems);
    }

    private static Check Generic(string text, string kind, PercentTemplate match, List<string> problems)
    {
        switch (PythonExpression.Read(kind, out var literal))
        {
            case PythonForm.Literal:
                return new LiteralCheck(kind, literal!, match);
            case PythonForm.Expression:
                if (!IsPath(kind))
                    problems.Add($"'{text}' is of a kind that is neither a name nor a literal; nothing matches it");
                return new PathCheck(kind.Split('.'), match);
            default:
                return Refused(text, "is of a kind that is neither a name nor a literal", problems) with { Match = match };
        }
    }

    private static Check Remote(string scheme, PercentTemplate rest, List<string> problems)
    {
        var address = rest.Text;
        if (rest.IsBroken || !address.StartsWith("//", StringComparison.Ordinal) || address.Length == 2)
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

    /// <summary>True for names with dots and dashes: what credentials may have.</summary>
    private static bool IsPath(string kind) =>
        kind.Split('.').All(segment => segment.Length > 0
            && (char.IsLetter(segment[0]) || segment[0] == '_')
            && segment.All(c => char.IsLetterOrDigit(c) || c is '_' or '-'));
}
