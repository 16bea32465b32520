using Cyborg.Identity.Policy;

namespace Cyborg.Identity.Tests;

/// <summary>What single checks say of a target and credentials.</summary>
public sealed class PolicyChecksTests
{
    private static readonly Dictionary<string, object?> Target = new()
    {
        ["project_id"] = "p1",
        ["user_id"] = "u1",
        ["nobody"] = null,
        ["role"] = "ADMIN",
        ["enabled"] = true,
        ["number"] = 5L,
        ["ratio"] = 1.0,
        ["target.project.id"] = "p1",
        ["name"] = "Member",
        ["odd key)"] = "x",
    };

    private static readonly Dictionary<string, object?> Credentials = new()
    {
        ["project_id"] = "p1",
        ["user_id"] = "u2",
        ["roles"] = new List<string> { "Member", "reader" },
        ["is_admin"] = false,
        ["nothing"] = null,
        ["number"] = 5L,
        ["user"] = new Dictionary<string, object?> { ["id"] = "u1", ["tags"] = new List<object?> { "a", 5L, null } },
        ["groups"] = new List<object?>
        {
            new Dictionary<string, object?> { ["name"] = "g1" }, new Dictionary<string, object?> { ["name"] = "Member" }, "text",
        },
        ["my-key"] = "x",
    };

    private static bool Allows(string check) => PolicyAsk.Allows(PolicyParser.Parse(check), Target, Credentials);

    [Theory]
    [InlineData("@", true)]
    [InlineData("!", false)]
    [InlineData("not !", true)]
    [InlineData("role:member", true)]
    [InlineData("role:MEMBER", true)]
    [InlineData("role:admin", false)]
    [InlineData("role:%(name)s", true)]
    [InlineData("role:%(role)s", false)]
    [InlineData("role:%(missing)s", false)]
    [InlineData("not role:%(missing)s", true)]
    [InlineData("role:", false)]
    [InlineData("role:mem", false)]
    [InlineData("project_id:%(project_id)s", true)]
    [InlineData("project_id:p1", true)]
    [InlineData("project_id:P1", false)]
    [InlineData("user_id:%(user_id)s", false)]
    [InlineData("project_id:%(missing)s", false)]
    [InlineData("project_id:%(target.project.id)s", true)]
    [InlineData("missing:x", false)]
    [InlineData("user.id:%(user_id)s", true)]
    [InlineData("user.id.more:%(user_id)s", false)]
    [InlineData("user.missing:%(user_id)s", false)]
    [InlineData("project_id.x:p1", false)]
    [InlineData("user.tags:a", true)]
    [InlineData("user.tags:5", true)]
    [InlineData("user.tags:None", true)]
    [InlineData("user.tags:b", false)]
    [InlineData("roles:Member", true)]
    [InlineData("roles:member", false)]
    [InlineData("groups.name:Member", true)]
    [InlineData("groups.name:%(name)s", true)]
    [InlineData("groups.name:x", false)]
    [InlineData("my-key:x", true)]
    [InlineData("is_admin:False", true)]
    [InlineData("is_admin:false", false)]
    [InlineData("is_admin:True", false)]
    [InlineData("number:5", true)]
    [InlineData("number:%(number)s", true)]
    [InlineData("'Member':%(name)s", true)]
    [InlineData("\"Member\":%(name)s", true)]
    [InlineData("'Membe':%(name)s", false)]
    [InlineData("True:%(enabled)s", true)]
    [InlineData("False:%(enabled)s", false)]
    [InlineData("5:%(number)s", true)]
    [InlineData("5.0:%(number)s", false)]
    [InlineData("1.0:%(ratio)s", true)]
    [InlineData("None:%(nobody)s", true)]
    [InlineData("'x':x", true)]
    [InlineData("'100%':100%%", true)]
    [InlineData("'p1-u1':%(project_id)s-%(user_id)s", true)]
    [InlineData("-5:-5", true)]
    [InlineData("number:%(number)d", true)]
    [InlineData("number:%(enabled)d", false)]
    [InlineData("'005':%(number)03d", true)]
    [InlineData("'Me':%(name).2s", true)]
    [InlineData("'   5':%(number)4d", false)]
    [InlineData("name:x%(missing)s%", false)]
    [InlineData("not name:x%(missing)s%", true)]
    [InlineData("0x5:%(number)s", true)]
    [InlineData("1e16:1e+16", true)]
    [InlineData("[1,'a']:x", false)]
    [InlineData("user.tags.x:a", false)]
    public void Checks_compare_printed_values(string check, bool expected) => Assert.Equal(expected, Allows(check));

    [Theory]
    [InlineData("nothing:%(nobody)s")]
    [InlineData("project_id:%(nobody)s")]
    [InlineData("nothing:%(project_id)s")]
    [InlineData("role:%(nobody)s")]
    public void What_is_missing_matches_nothing(string check) => Assert.False(Allows(check));

    [Fact]
    public void A_text_may_still_ask_for_none() => Assert.True(Allows("nothing:None"));

    [Fact]
    public void A_null_does_not_match_the_text_None()
    {
        var target = new Dictionary<string, object?> { ["project_id"] = "None" };
        Assert.False(PolicyAsk.Allows(PolicyParser.Parse("nothing:%(project_id)s"), target, Credentials));
    }

    [Theory]
    [InlineData("admin")]
    [InlineData("not admin")]
    [InlineData("not (admin or role:nobody)")]
    [InlineData("not (admin and role:member)")]
    [InlineData("not (role:member and admin)")]
    [InlineData("admin and @")]
    [InlineData("@ and not admin")]
    [InlineData("not a:%(name)d")]
    [InlineData("a:%(name)d or @")]
    [InlineData("not a:%(name)z")]
    [InlineData("not a:%")]
    [InlineData("not nothing:%(nobody)s")]
    [InlineData("not role:%(nobody)s and 'x':y")]
    [InlineData("not project_id.x:p1")]
    [InlineData("not user.id.more:x")]
    [InlineData("not class:x")]
    [InlineData("not class:%(missing)s")]
    [InlineData("not http://host/")]
    [InlineData("http://host/ or @")]
    [InlineData("'x' or @")]
    public void What_is_not_understood_lets_nobody_in_even_if_negated(string check) => Assert.False(Allows(check));

    [Theory]
    [InlineData("admin or role:member")]
    [InlineData("role:member or admin")]
    [InlineData("role:member or http://host/")]
    [InlineData("not (admin and role:nobody)")]
    public void What_decides_without_it_still_decides(string check) => Assert.True(Allows(check));

    [Theory]
    [InlineData("admin", "role:a", true)]
    [InlineData("admin", "role:admin", false)]
    public void Roles_that_are_a_text_are_its_letters_as_in_python(string roles, string check, bool expected) =>
        Assert.Equal(expected, PolicyAsk.Allows(PolicyParser.Parse(check), Target, new Dictionary<string, object?> { ["roles"] = roles }));

    [Fact]
    public void Roles_that_are_no_texts_deny_even_if_negated()
    {
        foreach (var roles in new object?[] { null, 5L, true, new List<object?> { "admin", 5L }, new List<object?> { null } })
        {
            var caller = new Dictionary<string, object?> { ["roles"] = roles };
            Assert.False(PolicyAsk.Allows(PolicyParser.Parse("role:admin"), Target, caller));
            Assert.False(PolicyAsk.Allows(PolicyParser.Parse("not role:admin"), Target, caller));
        }
    }

    [Theory]
    [InlineData("\u0130X", "role:i\u0307x")]
    [InlineData("\u039f\u03a3", "role:\u03bf\u03c2")]
    [InlineData("ÄDMIN", "role:ädmin")]
    public void Letters_of_any_script_have_their_lower_case(string role, string check) => Assert.True(
        PolicyAsk.Allows(PolicyParser.Parse(check), Target, new Dictionary<string, object?> { ["roles"] = new List<string> { role } }));

    [Fact]
    public void A_caller_without_roles_has_none() =>
        Assert.False(PolicyAsk.Allows(PolicyParser.Parse("role:admin"), Target, new Dictionary<string, object?>()));

    [Theory]
    [InlineData(1e15, "1000000000000000.0")]
    [InlineData(1e16, "1e+16")]
    [InlineData(1e23, "1e+23")]
    [InlineData(123.45, "123.45")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(1.5e-7, "1.5e-07")]
    [InlineData(-0.0, "-0.0")]
    [InlineData(100.0, "100.0")]
    [InlineData(double.PositiveInfinity, "inf")]
    [InlineData(1.7976931348623157e308, "1.7976931348623157e+308")]
    public void Numbers_print_as_python_prints_them(double number, string expected) => Assert.Equal(expected, PythonText.Str(number));

    [Fact]
    public void Values_print_as_python_prints_them()
    {
        var value = new List<object?>
        {
            "a", "a'b", "a'\"b", 1L, 2.5, 3.0, true, null, new Dictionary<string, object?> { ["k"] = "v" }, "\n\u0001\u00a0ä😀\ud800",
        };
        Assert.Equal(
            """['a', "a'b", 'a\'"b', 1, 2.5, 3.0, True, None, {'k': 'v'}, '\n\x01\xa0ä😀\ud800']""", PythonText.Str(value));
    }
}
