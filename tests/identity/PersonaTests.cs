using Cyborg.Identity.Policy;

namespace Cyborg.Identity.Tests;

/// <summary>Who may do what, written from upstream's observed outcomes: one rule of each group, both sets of defaults.</summary>
public sealed class PersonaTests
{
    private const string Legacy = "rule:admin_or_owner";

    private static readonly PolicyRule[] Rules =
    [
        .. BaseRules.All,
        Rule("cyborg:device_profile:get_all", "rule:project_reader_or_admin", Legacy),
        Rule("cyborg:device_profile:create", "rule:admin_api", "rule:is_admin"),
        Rule("cyborg:arq:get_one", "rule:project_reader_or_admin", Legacy),
        Rule("cyborg:arq:create", "rule:project_member_or_service", "rule:project_member_or_admin"),
        Rule("cyborg:arq:update", "rule:project_member_or_service", Legacy),
        Rule("cyborg:device:get_all", "rule:project_manager_or_admin", "rule:admin_api"),
        Rule("cyborg:device:enable", "rule:admin_api", null),
    ];

    private static readonly string[] Personas = ["none", "reader", "member", "manager", "admin", "service", "admin+member"];

    // Columns: none, reader, member, manager, admin alone, service, admin with its implied member and reader.
    // A manager here has only the role manager, an admin only admin: what Keystone implies is not the engine's business.
    private static readonly Dictionary<string, (string New, string Old)> Expected = new()
    {
        ["cyborg:device_profile:get_all"] = (".R..A.A", "NRMGASA"),
        ["cyborg:device_profile:create"] = ("....A.A", "....A.A"),
        ["cyborg:arq:get_one"] = (".R..A.A", "NRMGASA"),
        ["cyborg:arq:create"] = ("..M..SA", "NRMGASA"),
        ["cyborg:arq:update"] = ("..M..SA", "NRMGASA"),
        ["cyborg:device:get_all"] = ("...GA.A", "NRMGASA"),
        ["cyborg:device:enable"] = ("....A.A", "....A.A"),
    };

    public static TheoryData<string, int, bool> Cells()
    {
        var cells = new TheoryData<string, int, bool>();
        foreach (var rule in Expected.Keys)
        {
            for (var persona = 0; persona < Personas.Length; persona++)
            {
                cells.Add(rule, persona, true);
                cells.Add(rule, persona, false);
            }
        }
        return cells;
    }

    private static PolicyRule Rule(string name, string check, string? old) => new(name, check, name, [])
    {
        ScopeTypes = ["project"],
        Deprecated = old is null ? null : new DeprecatedRule(name, old, "Wallaby"),
    };

    private static Credentials Persona(int index) => new()
    {
        ProjectId = "p1",
        UserId = "u1",
        Roles = Personas[index] == "none" ? [] : Personas[index] == "admin+member" ? ["admin", "member", "reader"] : [Personas[index]],
    };

    private static Dictionary<string, string?> Own(Credentials caller) =>
        new() { ["project_id"] = caller.ProjectId, ["user_id"] = caller.UserId };

    [Theory]
    [MemberData(nameof(Cells))]
    public void The_table_of_upstream_holds_for_the_callers_own_project(string rule, int persona, bool enforceNewDefaults)
    {
        var expected = (enforceNewDefaults ? Expected[rule].New : Expected[rule].Old)[persona] != '.';
        var caller = Persona(persona);
        Assert.Equal(expected, new PolicyEnforcer(Rules, enforceNewDefaults).Allows(rule, Own(caller), caller));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_caller_without_a_project_matches_no_project(bool enforceNewDefaults)
    {
        var enforcer = new PolicyEnforcer(Rules, enforceNewDefaults);
        var caller = new Credentials { UserId = "u1", Roles = ["member", "reader", "manager"] };
        Assert.All(Expected.Keys, rule => Assert.False(enforcer.Allows(rule, Own(caller), caller)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Another_projects_member_gets_in_nowhere_and_its_admin_as_admin(bool enforceNewDefaults)
    {
        var enforcer = new PolicyEnforcer(Rules, enforceNewDefaults);
        var target = Own(Persona(0));
        var member = new Credentials { ProjectId = "p2", UserId = "u2", Roles = ["member", "reader", "manager"] };
        Assert.All(Expected.Keys, rule => Assert.False(enforcer.Allows(rule, target, member)));
        Assert.True(enforcer.Allows("cyborg:device:get_all", target, member with { Roles = ["admin"] }));
    }

    [Fact]
    public void Legacy_rules_are_upstreams()
    {
        string[] legacy = ["public_api", "allow", "deny", "default", "is_admin", "admin_or_owner", "admin_or_user"];
        var enforcer = new PolicyEnforcer(BaseRules.All, false);
        var owner = Persona(0);
        Assert.Equal(["allow", "default", "admin_or_owner", "admin_or_user"], legacy.Where(rule => enforcer.Allows(rule, Own(owner), owner)));
        Assert.Equal(["allow"], legacy.Where(rule => enforcer.Allows(rule, new Dictionary<string, string?>(), owner)));
    }

    [Fact]
    public void The_flag_is_admin_is_exact_while_roles_ignore_case()
    {
        var enforcer = new PolicyEnforcer(BaseRules.All, true);
        var caller = new Credentials { ProjectId = "p1", Roles = ["ADMIN"] };
        Assert.True(enforcer.Allows("admin_api", Own(caller), caller));
        Assert.False(enforcer.Allows("admin_or_owner", new Dictionary<string, string?> { ["project_id"] = "p2" }, caller));
    }
}
