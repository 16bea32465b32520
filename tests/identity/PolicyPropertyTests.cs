using System.Globalization;
using Cyborg.Identity.Policy;

namespace Cyborg.Identity.Tests;

/// <summary>Random rules: printed, read and printed again, and evaluated against an evaluator that shares no code with ours.</summary>
public sealed class PolicyPropertyTests(ITestOutputHelper output)
{
    private static readonly string[] Values = ["p1", "p2", "None", "True", "admin", "Member", ""];

    private Random Seeded()
    {
        var given = Environment.GetEnvironmentVariable("CYBORG_TEST_SEED");
        var seed = given is null ? Random.Shared.Next() : int.Parse(given, CultureInfo.InvariantCulture);
        output.WriteLine($"CYBORG_TEST_SEED={seed}");
        return new Random(seed);
    }

    [Fact]
    public void Rules_are_printed_and_read_again_and_mean_what_a_naive_evaluator_says()
    {
        var random = Seeded();
        var outcomes = new int[2];
        for (var round = 0; round < 4000; round++)
        {
            var naive = new NaivePolicy(Target(random), Caller(random));
            var texts = new Dictionary<string, string>();
            for (var i = 0; i < 4; i++)
                naive.Rules[$"r{i}"] = NaivePolicy.RandomNode(random, 4, i + 1);
            if (random.Next(2) == 0)
                naive.Rules["default"] = NaivePolicy.RandomNode(random, 1, 9);
            foreach (var (name, node) in naive.Rules)
            {
                var text = NaivePolicy.Write(node, random);
                var printed = PolicyParser.Parse(text).Check.Print();
                Assert.True(printed == PolicyParser.Parse(printed).Check.Print(), text);
                texts[name] = random.Next(2) == 0 ? text : printed;
            }
            var expected = naive.Ask("r0");
            var enforcer = new PolicyEnforcer(texts.Select(rule => PolicyAsk.Rule(rule.Key, rule.Value)), true);
            var actual = enforcer.Allows("r0", naive.Target, naive.Caller);
            Assert.True(expected == actual, $"expected {expected}: {string.Join("\n", texts)}\ntarget {string.Join(',', naive.Target)}\n{naive.Caller}");
            outcomes[actual ? 1 : 0]++;
        }
        output.WriteLine($"denied {outcomes[0]}, allowed {outcomes[1]}");
        Assert.All(outcomes, count => Assert.InRange(count, 400, 3600));
    }

    [Fact]
    public void No_text_breaks_the_engine()
    {
        var random = Seeded();
        string[] pieces =
        [
            "(", ")", "((", "))", " ", "  ", "\t", "and", "AND", "or", "not", "@", "!", "role:", "rule:", "http:", ":", "::", "%", "%%", "%(", ")s", "%(x)s",
            "%(x)d", "'", "\"", "'x'", "True", "None", "5", "a.b", ".", "[", "]", "{", "}", ",", "\\", "\0", "\uD800", "ä", "😀", "\u2028", "r0", "r1", "default",
        ];
        var caller = new Credentials { Roles = ["admin"], ProjectId = "p1" };
        for (var round = 0; round < 20_000; round++)
        {
            string Text() => string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => pieces[random.Next(pieces.Length)]));
            var enforcer = new PolicyEnforcer(PolicyAsk.Pairs("r0", Text(), "r1", Text(), "default", Text()), random.Next(2) == 0);
            enforcer.Allows("r0", new Dictionary<string, string?> { ["x"] = "1", ["project_id"] = null }, caller);
            Assert.All(enforcer.Problems, problem => Assert.DoesNotContain(problem, char.IsControl));
        }
    }

    private static Dictionary<string, string?> Target(Random random)
    {
        var target = new Dictionary<string, string?>();
        foreach (var key in new[] { "project_id", "user_id", "a.b" })
        {
            if (random.Next(5) != 0)
                target[key] = random.Next(5) == 0 ? null : Values[random.Next(Values.Length)];
        }
        return target;
    }

    private static Credentials Caller(Random random)
    {
        string? Id() => random.Next(4) == 0 ? null : Values[random.Next(Values.Length)];
        IReadOnlyList<string> Roles() => [.. Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(2) == 0 ? "admin" : "Member")];
        return new Credentials { ProjectId = Id(), UserId = Id(), Roles = Roles(), ServiceRoles = Roles(), IsAdminProject = random.Next(2) == 0 };
    }
}
