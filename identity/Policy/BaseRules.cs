namespace Cyborg.Identity.Policy;

/// <summary>The rules that API rules are built of (upstream: cyborg/policies/base.py). Names are upstream's: operators' files use
/// them.</summary>
public static class BaseRules
{
    private const string LegacyCheck = "is_admin:True or project_id:%(project_id)s";

    /// <summary>All of them: first those in use, then the legacy ones that files may still refer to.</summary>
    public static IReadOnlyList<PolicyRule> All { get; } =
    [
        Rule("admin_api", "role:admin", "An administrator."),
        Rule("project_admin_api", "role:admin and project_id:%(project_id)s", "An administrator of the project."),
        Rule("project_member_api", "role:member and project_id:%(project_id)s", "A member of the project."),
        Rule("project_reader_api", "role:reader and project_id:%(project_id)s", "A reader of the project."),
        Rule("project_manager_api", "role:manager and project_id:%(project_id)s", "A manager of the project."),
        Rule("service_api", "role:service", "A service user."),
        Combined("project_member_or_admin", "rule:project_member_api or rule:admin_api", "A member of the project, or an administrator."),
        Combined("project_reader_or_admin", "rule:project_reader_api or rule:admin_api", "A reader of the project, or an administrator."),
        Combined(
            "project_manager_or_admin", "rule:project_manager_api or rule:admin_api", "A manager of the project, or an administrator."),
        Combined("project_member_or_service", "rule:project_member_api or rule:service_api", "A member of the project, or a service user."),
        Legacy("public_api", "is_public_api:True", "Legacy. Matches nobody, as upstream."),
        Legacy("allow", "@", "Legacy. Everybody."),
        Legacy("deny", "!", "Legacy. Nobody."),
        Legacy("default", "rule:admin_or_owner", "Legacy. Stands for each rule that is referred to and does not exist."),
        Legacy("is_admin", "rule:admin_api", "Legacy. An administrator."),
        Legacy("admin_or_owner", LegacyCheck, "Legacy. An administrator, or anybody with a token for the project."),
        Legacy("admin_or_user", "is_admin:True or user_id:%(user_id)s", "Legacy. An administrator, or the user."),
    ];

    private static PolicyRule Rule(string name, string check, string description) => new(name, check, description, []);

    // The name with "rule:" in it is upstream's: no file can have meant it, so only the check counts.
    private static PolicyRule Combined(string name, string check, string description) =>
        Rule(name, check, description) with { Deprecated = new DeprecatedRule("rule:admin_or_owner", LegacyCheck, "Wallaby") };

    private static PolicyRule Legacy(string name, string check, string description) =>
        Rule(name, check, description) with { ForRemovalSince = "Wallaby" };
}
