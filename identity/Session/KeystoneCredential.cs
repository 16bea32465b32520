namespace Cyborg.Identity.Session;

/// <summary>How a service proves to Keystone who it is. Never prints its secrets.</summary>
public abstract record KeystoneCredential
{
    /// <summary>The kind alone: the fields hold secrets.</summary>
    public sealed override string ToString() => GetType().Name;

    /// <summary>The body of <c>POST /v3/auth/tokens</c>.</summary>
    internal abstract byte[] ToBody();

    /// <summary>What is missing or contradicts itself; empty if the credential can be used.</summary>
    internal abstract IEnumerable<OptionFault> Faults();

    /// <summary>The token that calls go with, where nobody has to be asked for one; null where Keystone has.</summary>
    internal virtual SessionToken? Given => null;
}

/// <summary>What is wrong with one option. Secrets are not repeated.</summary>
/// <param name="Option">Its name in cyborg.conf.</param>
/// <param name="Text">What is wrong, and what would be right.</param>
internal readonly record struct OptionFault(string Option, string Text)
{
    public override string ToString() => $"{Option}: {Text}.";
}

/// <summary>User and password, for a project, a domain or the whole system (<c>auth_type = password</c>).</summary>
/// <remarks>A name needs its domain, by id or by name; an id needs none. Of the scopes at most one may be given, none asks for an
/// unscoped token, which has no catalog.</remarks>
public sealed record PasswordCredential : ScopedCredential
{
    /// <summary>The password.</summary>
    public required string Password { get; init; }
    /// <summary>The user's id (<c>user_id</c>); wins over the name.</summary>
    public string? UserId { get; init; }
    /// <summary>The user's name (<c>username</c>).</summary>
    public string? UserName { get; init; }
    /// <summary>The id of the user's domain.</summary>
    public string? UserDomainId { get; init; }
    /// <summary>The name of the user's domain.</summary>
    public string? UserDomainName { get; init; }

    internal override byte[] ToBody() => KeystoneAuthBody.Write(this);

    internal override IEnumerable<OptionFault> Faults()
    {
        if (Password.Length == 0)
            yield return new("password", "is not set");
        if (UserId is null && UserName is null)
            yield return new("username", "is not set, nor is user_id");
        if (UserId is null && UserName is not null && UserDomainId is null && UserDomainName is null)
            yield return new("username", "needs user_domain_name or user_domain_id");
        foreach (var fault in ScopeFaults())
            yield return fault;
    }
}

/// <summary>An application credential (<c>auth_type = v3applicationcredential</c>); it carries its own project.</summary>
public sealed record ApplicationCredential : KeystoneCredential
{
    /// <summary>The secret.</summary>
    public required string Secret { get; init; }
    /// <summary>The credential's id; wins over the name.</summary>
    public string? Id { get; init; }
    /// <summary>The credential's name, which needs its user.</summary>
    public string? Name { get; init; }
    /// <summary>The id of the user whose credential <see cref="Name"/> is.</summary>
    public string? UserId { get; init; }
    /// <summary>The name of the user whose credential <see cref="Name"/> is.</summary>
    public string? UserName { get; init; }
    /// <summary>The id of that user's domain.</summary>
    public string? UserDomainId { get; init; }
    /// <summary>The name of that user's domain.</summary>
    public string? UserDomainName { get; init; }

    internal override byte[] ToBody() => KeystoneAuthBody.Write(this);

    internal override IEnumerable<OptionFault> Faults()
    {
        if (Secret.Length == 0)
            yield return new("application_credential_secret", "is not set");
        if (Id is null && Name is null)
            yield return new("application_credential_id", "is not set, nor is application_credential_name");
        if (Id is null && Name is not null && UserId is null && (UserName is null || (UserDomainId is null && UserDomainName is null)))
            yield return new("application_credential_name", "needs user_id, or username and its domain");
    }
}
