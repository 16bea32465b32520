namespace Cyborg.TestServers;

/// <summary>What a token stands for, as Keystone would tell it. Made by name (<see cref="Personas"/>) or with <c>with { ... }</c>.</summary>
public sealed record FakeToken
{
    /// <summary>The project of most personas.</summary>
    public const string DemoProject = "0d0d0d0d0d0d40d080d00d0d0d0d0d0d";

    /// <summary>Another project.</summary>
    public const string AltProject = "a17a17a17a1741788888a17a17a17a17";

    /// <summary>The project of services.</summary>
    public const string ServiceProject = "5e5e5e5e5e5e45e585e55e5e5e5e5e5e";

    private static readonly string[] Ladder = ["admin", "manager", "member", "reader"];

    /// <summary>The user's id.</summary>
    public string UserId { get; init; } = "fa4e00000000400080000000000000aa";
    /// <summary>The user's name.</summary>
    public string UserName { get; init; } = "someone";
    /// <summary>The project that it is for; null if it is for none.</summary>
    public string? ProjectId { get; init; }
    /// <summary>The domain that it is for; null if it is for none.</summary>
    public string? DomainId { get; init; }
    /// <summary>True for a token of the whole system.</summary>
    public bool IsSystem { get; init; }
    /// <summary>The roles' names.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];
    /// <summary>How long it holds, from the moment in which it is added; negative for one that has expired.</summary>
    public TimeSpan Life { get; init; } = TimeSpan.FromHours(1);
    /// <summary>True for one of an application credential that is good for some calls only.</summary>
    public bool HasAccessRules { get; init; }

    /// <summary>Project-scoped reader.</summary>
    public static FakeToken Reader { get; } = InProject("reader", DemoProject);
    /// <summary>Project-scoped member, who is a reader, too: Keystone's roles imply each other.</summary>
    public static FakeToken Member { get; } = InProject("member", DemoProject);
    /// <summary>Project-scoped manager (member, reader).</summary>
    public static FakeToken Manager { get; } = InProject("manager", DemoProject);
    /// <summary>Project-scoped admin (manager, member, reader).</summary>
    public static FakeToken Admin { get; } = InProject("admin", DemoProject);
    /// <summary>A service such as Nova: role service alone, in the services' project.</summary>
    public static FakeToken Service { get; } = InProject("service", ServiceProject) with { UserName = "nova" };
    /// <summary>Somebody in the project whose one role no rule knows.</summary>
    public static FakeToken NoRole { get; } = InProject("stranger", DemoProject);
    /// <summary>Member of another project.</summary>
    public static FakeToken OtherMember { get; } = InProject("member", AltProject);
    /// <summary>Admin of another project.</summary>
    public static FakeToken OtherAdmin { get; } = InProject("admin", AltProject);
    /// <summary>A token for nothing: no project, no domain, no role.</summary>
    public static FakeToken Unscoped { get; } = new() { UserId = "unscoped", UserName = "unscoped" };
    /// <summary>Admin of a domain.</summary>
    public static FakeToken Domain { get; } = new() { UserId = "domain-admin", UserName = "domain-admin", DomainId = "default", Roles = Implied("admin") };
    /// <summary>Admin of the whole system.</summary>
    public static FakeToken System { get; } = new() { UserId = "system-admin", UserName = "system-admin", IsSystem = true, Roles = Implied("admin") };
    /// <summary>An admin's token that expired a minute ago: Keystone answers 404 to it, and 200 where expired ones are allowed.</summary>
    public static FakeToken Expired { get; } = Admin with { Life = TimeSpan.FromMinutes(-1) };

    /// <summary>All of them by name: reader, member, manager, admin, service, no-role, other-member, other-admin, unscoped, domain, system,
    /// expired.</summary>
    public static IReadOnlyDictionary<string, FakeToken> Personas { get; } = new Dictionary<string, FakeToken>
    {
        ["reader"] = Reader,
        ["member"] = Member,
        ["manager"] = Manager,
        ["admin"] = Admin,
        ["service"] = Service,
        ["no-role"] = NoRole,
        ["other-member"] = OtherMember,
        ["other-admin"] = OtherAdmin,
        ["unscoped"] = Unscoped,
        ["domain"] = Domain,
        ["system"] = System,
        ["expired"] = Expired,
    };

    /// <summary>A user with a role, and those that it implies, in a project. The user's id is made of both: the same user each time.</summary>
    public static FakeToken InProject(string role, string projectId) => new()
    {
        UserId = $"{role}-{projectId[..8]}",
        UserName = role,
        ProjectId = projectId,
        Roles = Implied(role),
    };

    /// <summary>A role and those that it implies.</summary>
    public static IReadOnlyList<string> Implied(string role) =>
        Array.IndexOf(Ladder, role) is var step && step >= 0 ? [.. Ladder.Skip(step)] : [role];
}
