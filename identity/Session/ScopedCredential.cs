namespace Cyborg.Identity.Session;

/// <summary>A credential that says what its token is to be for: a project, a domain or the whole system. At most one of them may be given; none asks for an
/// unscoped token, which has no catalog. A name needs its domain, by id or by name; an id needs none.</summary>
public abstract record ScopedCredential : KeystoneCredential
{
    /// <summary>Scope: the project's id; wins over the name.</summary>
    public string? ProjectId { get; init; }
    /// <summary>Scope: the project's name.</summary>
    public string? ProjectName { get; init; }
    /// <summary>The id of the project's domain.</summary>
    public string? ProjectDomainId { get; init; }
    /// <summary>The name of the project's domain.</summary>
    public string? ProjectDomainName { get; init; }
    /// <summary>Scope: a domain's id.</summary>
    public string? DomainId { get; init; }
    /// <summary>Scope: a domain's name.</summary>
    public string? DomainName { get; init; }
    /// <summary>Scope: <c>all</c> for the whole system.</summary>
    public string? SystemScope { get; init; }

    private protected IEnumerable<OptionFault> ScopeFaults()
    {
        if (ProjectId is null && ProjectName is not null && ProjectDomainId is null && ProjectDomainName is null)
            yield return new("project_name", "needs project_domain_name or project_domain_id");
        var scopes = new[] { ProjectId ?? ProjectName, DomainId ?? DomainName, SystemScope }.Count(scope => scope is not null);
        if (scopes > 1)
            yield return new("project_name", "Only one of project, domain and system_scope can be given");
        if (SystemScope is not (null or "all"))
            yield return new("system_scope", "can only be all");
    }
}
