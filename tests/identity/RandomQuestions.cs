using System.Text.Json;

namespace Cyborg.Identity.Tests;

/// <summary>Random questions in JSON: rules, a target and credentials of any shape.</summary>
/// <param name="random">Where chance comes from.</param>
/// <param name="isTidy">True to leave out what this project answers otherwise than oslo.policy: nulls, rules that are no expressions, left sides that
/// Python cannot read, and cycles.</param>
internal sealed class RandomQuestions(Random random, bool isTidy)
{
    private static readonly string[] Keys = ["project_id", "user_id", "a.b", "target.x", "name", "enabled", "roles", "ünï", ""];

    private static readonly string[] Kinds =
    [
        "project_id", "user_id", "is_admin", "domain_id", "user.id", "user.tags", "user.more.x", "groups", "groups.id", "my-key", "a", "a.b", "a.id.x",
        "system", "system_scope", "roles", "ünï", "nowhere", "nowhere.x", "'p1'", "\"admin\"", "True", "False", "None", "5", "1.0", "-3", "0x10", "1_0",
        ".5", "5.", "1e16", "[1]", "['p1']", "[]", "1,2", "'a''b'", "u'p1'", "a+b", "a|b", "--5", "+5", "5-3", "a[0]", "{}", "a#b", "None.x",
    ];

    private static readonly string[] UnreadableKinds = ["007", "a..b", "a.", ".a", "", "5x", "a$", "a=b", "\"x", "x'", "class", "%(x)s", "lambda", "\\x"];

    private static readonly string[] Texts =
    [
        "p1", "p2", "None", "True", "False", "admin", "Member", "", "5", "1.0", "1e+16", "1e-07", "a:b", "100%%", "['p1']", "{}", "x-%(user_id)s",
        "%(project_id)s-%(user_id)s", "%(missing)s", "%(user_id)d", "%(enabled)05d", "%(name)r", "%(name).2s", "%(name)-8s", "%s", "%", "%(x", "%(name)z",
        "%(missing)s-%", "%s%s",
    ];

    private static readonly string[] Roles = ["admin", "member", "Reader", "ÄDMIN", "p1", "İx", "5"];

    private static readonly string[] WantedRoles = ["admin", "member", "READER", "ädmin", "İX", "", "%(name)s", "%(project_id)s", "%(missing)s", "%(roles)s"];

    private static readonly string[] Junk = ["nonsense", "and", "or", "not", "(", ")", "\"x\"", "'role:admin'", "((", "))", "role", "'x')", "()", "role:admin)"];

    public string Next()
    {
        var rules = new Dictionary<string, object>();
        for (var i = 0; i < random.Next(1, 5); i++)
            rules[$"r{i}"] = Rule(i + 1);
        if (random.Next(3) == 0)
            rules["default"] = Pick("@", "!", "role:admin", "is_admin:True", "not role:member", isTidy ? "role:member" : "rule:r0");
        var name = random.Next(20) == 0 ? Pick("r1", "nope", "default") : "r0";
        return JsonSerializer.Serialize(new { rule = name, rules, target = Target(), credentials = Credentials() });
    }

    private object Rule(int next)
    {
        if (random.Next(8) == 0)
            return Enumerable.Range(0, random.Next(4)).Select(_ => Inner(next)).ToList();
        if (random.Next(30) == 0)
            return "";
        var text = Expression(random.Next(5), next);
        return isTidy || random.Next(2) == 0 ? text : Broken(text);
    }

    private object Inner(int next) => random.Next(5) switch
    {
        0 => Leaf(next),
        1 => random.Next(2) == 0 ? "" : new List<string>(),
        _ => Enumerable.Range(0, random.Next(1, 4)).Select(_ => Leaf(next)).ToList(),
    };

    private string Broken(string text)
    {
        var words = text.Split(' ').ToList();
        for (var i = 0; i < random.Next(1, 4); i++)
            words.Insert(random.Next(words.Count + 1), Pick(Junk));
        return string.Join(' ', words);
    }

    private string Expression(int depth, int next)
    {
        if (depth == 0 || random.Next(3) == 0)
            return Leaf(next);
        if (random.Next(3) == 0)
            return Cased("not") + Space() + Wrapped(Expression(depth - 1, next));
        var between = Space() + Cased(Pick("and", "or")) + Space();
        return string.Join(between, Enumerable.Range(0, random.Next(2, 4)).Select(_ => Wrapped(Expression(depth - 1, next))));
    }

    private string Leaf(int next) => random.Next(16) switch
    {
        0 => "@",
        1 => "!",
        2 or 3 or 4 or 5 => Pick("role", "role", "role", "ROLE") + ":" + Pick(WantedRoles),
        6 or 7 => "rule:" + (isTidy ? Pick([.. Enumerable.Range(next, 6 - next).Select(i => $"r{i}"), "nope"]) : Pick("r0", "r1", "r2", "nope", "default", "")),
        8 when !isTidy => Pick(UnreadableKinds) + ":" + Match(),
        _ => Pick(Kinds) + ":" + Match(),
    };

    private string Match() => random.Next(2) == 0 ? $"%({Pick(Keys)})s" : Pick(Texts);

    private string Wrapped(string text) => random.Next(2) == 0 ? text : $"({Pick("", " ")}{text}{Pick("", " ")})";

    private string Cased(string word) => random.Next(3) == 0 ? word.ToUpperInvariant() : word;

    private string Space() => Pick(" ", " ", "  ", "\t", "\n", "\u00a0", "\u001c", "\u2003");

    private Dictionary<string, object?> Target() =>
        Keys.Where(_ => random.Next(3) != 0).ToDictionary(key => key, _ => Value());

    private Dictionary<string, object?> Credentials()
    {
        var caller = new Dictionary<string, object?>();
        foreach (var key in new[] { "project_id", "user_id", "is_admin", "domain_id", "user", "groups", "my-key", "system_scope", "a", "ünï" })
        {
            if (random.Next(3) != 0)
                caller[key] = Value();
        }
        if (random.Next(3) == 0)
            caller["user"] = new Dictionary<string, object?> { ["id"] = Value(), ["tags"] = Value(), ["more"] = new Dictionary<string, object?> { ["x"] = Value() } };
        if (random.Next(10) != 0)
            caller["roles"] = random.Next(5) == 0 ? Value() : Enumerable.Range(0, random.Next(4)).Select(_ => Pick(Roles)).ToList();
        return caller;
    }

    private object? Value() => random.Next(14) switch
    {
        0 => isTidy ? "x" : null,
        1 => random.Next(2) == 0,
        2 => random.Next(-5, 6),
        3 => random.Next(2) == 0 ? 1e16 : 1.5,
        4 => random.Next(2) == 0 ? 1e-7 : 0.25,
        5 => new List<object?> { "p1", 5, isTidy ? "x" : null },
        6 => new Dictionary<string, object?> { ["id"] = Pick("p1", "True", "5") },
        7 => new List<object?> { new Dictionary<string, object?> { ["id"] = "p1" }, new Dictionary<string, object?> { ["id"] = new List<int> { 5 } } },
        8 => Pick("it's", "x y", "ünïcode", "😀", "\u00a0", "a\"b'c", "\u200b"),
        _ => Pick("p1", "p2", "None", "True", "False", "admin", "Member", "", "5", "1.0", "%s"),
    };

    private string Pick(params string[] choices) => choices[random.Next(choices.Length)];
}
