namespace Cyborg.Identity.Policy;

/// <summary>A caller in words, for trying rules: <c>roles=reader|member,project=P,user=U,scope=system</c>.</summary>
public static class PolicyPersona
{
    /// <summary>The words that there are, for help.</summary>
    public const string Words =
        "roles=R1|R2 or roles=R1,R2; project=ID; user=ID; scope=project, system, domain:ID or none; user_domain=ID; project_domain=ID; "
        + "service_roles=R1|R2; service_user=ID; service_project=ID; admin_project=true or false";

    private static readonly char[] Between = ['|', '+'];

    /// <summary>Reads words. A part without <c>=</c> is one more value of the word before it.</summary>
    /// <param name="texts">Words with commas between them; later texts add to earlier ones.</param>
    /// <exception cref="FormatException">Not understood; the message says what.</exception>
    public static Credentials Parse(IEnumerable<string> texts)
    {
        var words = new List<(string Name, List<string> Values)>();
        foreach (var part in texts.SelectMany(text => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals >= 0)
                words.Add((part[..equals].Trim(), [part[(equals + 1)..].Trim()]));
            else if (words.Count > 0)
                words[^1].Values.Add(part);
            else
                throw new FormatException($"'{part}' has no '='; write {Words}");
        }
        return words.Aggregate(new Credentials(), (caller, word) => With(caller, word.Name, word.Values));
    }

    private static Credentials With(Credentials caller, string name, List<string> values) => name switch
    {
        "roles" or "role" => caller with { Roles = [.. caller.Roles, .. Several(values)] },
        "service_roles" or "service_role" => caller with { ServiceRoles = [.. caller.ServiceRoles, .. Several(values)] },
        "project" or "project_id" => caller with { ProjectId = One(name, values) },
        "user" or "user_id" => caller with { UserId = One(name, values) },
        "user_domain" or "user_domain_id" => caller with { UserDomainId = One(name, values) },
        "project_domain" or "project_domain_id" => caller with { ProjectDomainId = One(name, values) },
        "domain" or "domain_id" => caller with { DomainId = One(name, values) },
        "system_scope" => caller with { SystemScope = One(name, values) },
        "service_user" or "service_user_id" => caller with { ServiceUserId = One(name, values) },
        "service_project" or "service_project_id" => caller with { ServiceProjectId = One(name, values) },
        "admin_project" or "is_admin_project" => caller with { IsAdminProject = Flag(name, values) },
        "scope" => Scoped(caller, One(name, values)),
        _ => throw new FormatException($"'{name}' is no word of a caller; write {Words}"),
    };

    private static Credentials Scoped(Credentials caller, string? scope) => scope switch
    {
        "project" => caller,
        "system" or "all" => caller with { SystemScope = "all" },
        null or "none" or "unscoped" => caller with { ProjectId = null },
        _ when scope.StartsWith("domain:", StringComparison.Ordinal) => caller with { DomainId = scope["domain:".Length..] },
        _ => throw new FormatException($"'{scope}' is no scope; write project, system, domain:ID or none"),
    };

    private static IEnumerable<string> Several(List<string> values) =>
        values.SelectMany(value => value.Split(Between, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private static string? One(string name, List<string> values) => values switch
    {
        [""] => null,
        [var only] => only,
        _ => throw new FormatException($"'{name}' has one value only"),
    };

    private static bool Flag(string name, List<string> values) => One(name, values)?.ToLowerInvariant() switch
    {
        "true" or "yes" or "1" => true,
        "false" or "no" or "0" => false,
        _ => throw new FormatException($"'{name}' is true or false"),
    };
}
