namespace Cyborg.Identity.Tests;

/// <summary>The policy language a second time, as plainly as can be: a tree that is made, not read. True, false, or null for what is not
/// understood; what cannot be said throws.</summary>
internal sealed class NaivePolicy(Dictionary<string, string?> target, Credentials caller)
{
    public Dictionary<string, string?> Target { get; } = target;
    public Credentials Caller { get; } = caller;
    public Dictionary<string, Node> Rules { get; } = [];

    internal abstract record Node;
    internal sealed record Op(string Word, Node[] Parts) : Node;
    internal sealed record Leaf(string Kind, string Before, string? Key) : Node;
    internal sealed record Word(string Text) : Node;

    public bool Ask(string rule)
    {
        try
        {
            return Value(Rules[rule]) == true;
        }
        catch (NotSupportedException)
        {
            return false;
        }
    }

    public static Node RandomNode(Random random, int depth, int firstRule)
    {
        if (depth > 0 && random.Next(3) != 0)
        {
            var word = random.Next(5) switch { 0 => "not", 1 or 2 => "and", _ => "or" };
            var count = word == "not" ? 1 : random.Next(2, 4);
            return new Op(word, [.. Enumerable.Range(0, count).Select(_ => RandomNode(random, depth - 1, firstRule))]);
        }
        string[] keys = ["project_id", "user_id", "a.b", "missing"];
        var key = random.Next(2) == 0 ? null : keys[random.Next(keys.Length)];
        string[] texts = ["p1", "None", "True", "False", "admin", "MEMBER", ""];
        string[] kinds = ["project_id", "user_id", "roles", "service_roles", "is_admin", "is_admin_project", "domain_id", "nowhere", "roles.x"];
        string[] literals = ["'p1'", "\"None\"", "True", "None", "'admin'"];
        return random.Next(16) switch
        {
            0 => new Word("@"),
            1 => new Word("!"),
            2 => new Word(random.Next(2) == 0 ? "nonsense" : "http://host/x"),
            3 when random.Next(3) == 0 => new Word("project_id:%(user_id)d"),
            4 or 5 or 6 => new Leaf("role", key is null ? texts[random.Next(texts.Length)] : "", key),
            // r4 and r5 do not exist: the rule default stands for them, which itself refers to nothing.
            7 or 8 or 9 => firstRule > 4 ? new Word("@") : new Leaf("rule", $"r{random.Next(firstRule, 6)}", null),
            10 or 11 => new Leaf(literals[random.Next(literals.Length)], key is null ? texts[random.Next(texts.Length)] : "", key),
            _ => new Leaf(kinds[random.Next(kinds.Length)], key is null ? texts[random.Next(texts.Length)] : "", key),
        };
    }

    /// <summary>As someone might type it: any case, needless parentheses, any white space.</summary>
    public static string Write(Node node, Random random, int strength = 0)
    {
        if (node is Word { Text: var text })
            return text;
        if (node is Leaf leaf)
            return $"{leaf.Kind}:{leaf.Before}{(leaf.Key is null ? "" : $"%({leaf.Key})s")}";
        var op = (Op)node;
        var own = op.Word switch { "or" => 1, "and" => 2, _ => 3 };
        var word = random.Next(2) == 0 ? op.Word : op.Word.ToUpperInvariant();
        var space = random.Next(3) switch { 0 => " ", 1 => "  ", _ => "\n\t" };
        var parts = op.Parts.Select(part => Write(part, random, op.Word == "not" ? own : own + 1)).ToList();
        var written = op.Word == "not" ? word + space + parts[0] : string.Join(space + word + space, parts);
        return own < strength || random.Next(6) == 0 ? $"({(random.Next(2) == 0 ? "" : " ")}{written})" : written;
    }

    private bool? Value(Node node) => node switch
    {
        Word { Text: "@" } => true,
        Word { Text: "!" } => false,
        Word { Text: "nonsense" } => null,
        Word { Text: "project_id:%(user_id)d" } when !Target.ContainsKey("user_id") => false,
        Word => throw new NotSupportedException(),
        Op { Word: "not", Parts: [var only] } => !Value(only),
        Op { Word: "and" } op => Series(op.Parts, ends: false),
        Op op => Series(op.Parts, ends: true),
        Leaf { Kind: "rule", Before: var name } => Reference(name),
        Leaf leaf => Compare(leaf),
        _ => throw new InvalidOperationException(),
    };

    private bool? Reference(string name) =>
        Rules.TryGetValue(name, out var rule) || Rules.TryGetValue("default", out rule) ? Value(rule) : false;

    private bool? Series(Node[] parts, bool ends)
    {
        var hasUnclear = false;
        foreach (var part in parts)
        {
            var value = Value(part);
            if (value == ends)
                return ends;
            hasUnclear |= value is null;
        }
        return hasUnclear ? null : !ends;
    }

    private bool? Compare(Leaf leaf)
    {
        var right = leaf.Before;
        var byNull = false;
        if (leaf.Key is not null)
        {
            if (!Target.TryGetValue(leaf.Key, out var value))
                return false;
            byNull = value is null;
            right = value ?? "None";
        }
        return leaf.Kind switch
        {
            "'p1'" => right == "p1",
            "\"None\"" or "None" => right == "None",
            "'admin'" => right == "admin",
            "True" => right == "True",
            "role" => Sure(Caller.Roles.Any(role => string.Equals(role, right, StringComparison.OrdinalIgnoreCase)), byNull),
            "roles" => Sure(Caller.Roles.Contains(right), byNull),
            "service_roles" => Sure(Caller.ServiceRoles.Contains(right), byNull),
            "is_admin" => right == (Caller.Roles.Contains("admin") ? "True" : "False"),
            "is_admin_project" => right == (Caller.IsAdminProject ? "True" : "False"),
            "project_id" => Same(Caller.ProjectId, right, leaf, byNull),
            "user_id" => Same(Caller.UserId, right, leaf, byNull),
            "domain_id" => Same(null, right, leaf, byNull),
            // A text has nothing inside.
            "roles.x" => Caller.Roles.Count == 0 ? false : throw new NotSupportedException(),
            _ => false,
        };
    }

    /// <summary>What is equal because something is missing is not known to be equal.</summary>
    private static bool? Sure(bool equal, bool byNull) => equal && byNull ? null : equal;

    private static bool? Same(string? left, string right, Leaf leaf, bool byNull) =>
        Sure((left ?? "None") == right, byNull || (left is null && leaf.Key is not null));
}
