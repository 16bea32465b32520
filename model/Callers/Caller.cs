namespace Cyborg.Model;

/// <summary>Whose rows a call may see: everybody's, one project's, or nobody's.</summary>
/// <param name="AllProjects">True for an administrator.</param>
/// <param name="ProjectId">The one project, if not all; null matches nothing (a caller without a project owns nothing).</param>
public sealed record ProjectScope(bool AllProjects, string? ProjectId)
{
    /// <summary>Every project's rows.</summary>
    public static ProjectScope All { get; } = new(true, null);

    /// <summary>True if a row of <paramref name="rowProjectId"/> may be seen.</summary>
    public bool Sees(string? rowProjectId) => AllProjects || (ProjectId is not null && ProjectId == rowProjectId);
}

/// <summary>Who asked for a call, as far as other processes need to know.</summary>
public sealed record Caller
{
    /// <summary>The user's id; null inside the service.</summary>
    public string? UserId { get; init; }
    /// <summary>The project of the token; null if it has none.</summary>
    public string? ProjectId { get; init; }
    /// <summary>True with the role <c>admin</c>.</summary>
    public bool IsAdmin { get; init; }
    /// <summary>True if a service (Nova) asked on a user's behalf, proven by a service token.</summary>
    public bool IsService { get; init; }

    /// <summary>The rows this caller may see: an admin sees every project's, others their own.</summary>
    public ProjectScope Scope => IsAdmin ? ProjectScope.All : new ProjectScope(false, ProjectId);
}
