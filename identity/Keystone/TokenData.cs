using Cyborg.Identity.Session;

namespace Cyborg.Identity.Keystone;

/// <summary>What Keystone says of a valid token.</summary>
internal sealed record TokenData
{
    public required DateTimeOffset ExpiresAt { get; init; }
    public required string UserId { get; init; }
    public string? UserDomainId { get; init; }
    public string? ProjectId { get; init; }
    public string? ProjectDomainId { get; init; }
    public string? DomainId { get; init; }
    public string? SystemScope { get; init; }
    public IReadOnlyList<string> Roles { get; init; } = [];
    public bool IsAdminProject { get; init; } = true;

    /// <summary>The data; null if the answer lacks what every token has.</summary>
    public static TokenData? From(TokenFields fields) =>
        fields is not { ExpiresAt: { } expiresAt, User.Id: { Length: > 0 } user } ? null : new TokenData
        {
            ExpiresAt = expiresAt,
            UserId = user,
            UserDomainId = fields.User.Domain?.Id,
            ProjectId = fields.Project?.Id,
            ProjectDomainId = fields.Project?.Domain?.Id,
            DomainId = fields.Domain?.Id,
            SystemScope = fields.System?.All == true ? "all" : null,
            Roles = [.. (fields.Roles ?? []).Select(role => role?.Name).OfType<string>()],
            IsAdminProject = fields.IsAdminProject ?? true,
        };

    /// <summary>The caller: this token's user, and the service that passes the call on, if any.</summary>
    /// <param name="service">The service token's data; null without one.</param>
    /// <param name="acceptedServiceRoles">Roles of which a service has one.</param>
    public Credentials ToCredentials(TokenData? service, IReadOnlyList<string> acceptedServiceRoles) => new()
    {
        UserId = UserId,
        UserDomainId = UserDomainId,
        ProjectId = ProjectId,
        ProjectDomainId = ProjectDomainId,
        DomainId = DomainId,
        SystemScope = SystemScope,
        Roles = Roles,
        IsAdminProject = IsAdminProject,
        ServiceUserId = service?.UserId,
        ServiceUserDomainId = service?.UserDomainId,
        ServiceProjectId = service?.ProjectId,
        ServiceProjectDomainId = service?.ProjectDomainId,
        ServiceRoles = service?.Roles ?? [],
        IsService = service?.HasAnyRole(acceptedServiceRoles) ?? false,
    };

    public bool HasAnyRole(IReadOnlyList<string> accepted)
    {
        foreach (var role in accepted)
        {
            if (Roles.Contains(role, StringComparer.Ordinal))
                return true;
        }
        return false;
    }
}
