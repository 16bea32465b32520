using System.Text;
using System.Text.Json;
using Cyborg.Identity.Policy;

namespace Cyborg.Identity.Tests;

/// <summary>Many questions, one a line.</summary>
public sealed class PolicyBatchTests
{
    private static readonly PolicyRule[] Deployment =
    [
        PolicyAsk.Rule("reads", "role:reader"),
        PolicyAsk.Rule("scoped", "@") with { ScopeTypes = ["project"] },
        PolicyAsk.Rule("default", "role:fallback"),
    ];

    private static async Task<(string[] Answers, string[] Reasons)> AskAsync(byte[] questions)
    {
        using var enforcer = new PolicyEnforcer(Deployment, enforceNewDefaults: true);
        var answers = new StringWriter();
        var reasons = new StringWriter();
        using var stream = new MemoryStream(questions);
        await PolicyBatch.RunAsync(enforcer, stream, answers, reasons, TestContext.Current.CancellationToken);
        return (Lines(answers), Lines(reasons));
    }

    private static Task<(string[] Answers, string[] Reasons)> AskAsync(params string[] lines) =>
        AskAsync(Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));

    private static string[] Lines(StringWriter text) => text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [Theory]
    [InlineData("""{"rule":"a","rules":{"a":"role:admin"},"credentials":{"roles":["Admin"]}}""", true)]
    [InlineData("""{"rule":"a","rules":{"a":"role:admin"},"target":{},"credentials":{"roles":[]}}""", false)]
    [InlineData("""{"rule":"nope","rules":{"default":"@"}}""", true)]
    [InlineData("""{"rule":"nope","rules":{"a":"@"}}""", false)]
    [InlineData("""{"rule":"a","rules":{"a":"rule:nope","default":"@"}}""", true)]
    [InlineData("""{"rule":"a","rules":{}}""", false)]
    [InlineData("""{"rule":"a","rules":{"a":[["role:admin","is_admin:True"],"@"]}}""", true)]
    [InlineData("""{"rule":"a","rules":{"a":[[],["!"]]}}""", false)]
    [InlineData("""{"rule":"a","rules":{"a":[""]}}""", false)]
    [InlineData("""{"rule":"a","rules":{"a":[]}}""", true)]
    [InlineData("""{"rule":"a","rules":{"a":""}}""", true)]
    [InlineData("""{"rule":"a","rules":{"a":"u.tags:%(t.x)s"},"target":{"t.x":5},"credentials":{"u":{"tags":["4",5]}}}""", true)]
    [InlineData("""{"rule":"a","rules":{"a":"is_admin:True and n:1.5 and z:None"},"credentials":{"is_admin":true,"n":1.5,"z":null}}""", true)]
    [InlineData("""{"rule":"a","rules":{"a":"project_id:%(project_id)s"},"target":{"project_id":null},"credentials":{"project_id":null}}""", false)]
    [InlineData("""{"rule":"a","rules":{"a":"system:all"},"credentials":{"system_scope":"all"}}""", true)]
    [InlineData("""{"rule":"reads","credentials":{"roles":["reader"]}}""", true)]
    [InlineData("""{"rule":"reads","rules":null,"credentials":{"roles":["reader"]}}""", true)]
    [InlineData("""{"rule":"nope","credentials":{"roles":["fallback"]}}""", false)]
    [InlineData("""{"rule":"scoped","credentials":{"project_id":"p"}}""", true)]
    [InlineData("""{"rule":"scoped","credentials":{"system_scope":"all"}}""", false)]
    [InlineData("""{"rule":"scoped","credentials":{"domain_id":"d"}}""", false)]
    [InlineData("""{"rule":"scoped","rules":{"scoped":"@"},"credentials":{"domain_id":"d"}}""", true)]
    public async Task A_question_has_its_answer(string line, bool expected)
    {
        var (answers, reasons) = await AskAsync(line);
        Assert.Equal([expected ? "true" : "false"], answers);
        Assert.All(reasons, reason => Assert.Contains("which does not exist", reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{} {}")]
    [InlineData("""{"rules":{"a":"@"}}""")]
    [InlineData("""{"rule":5}""")]
    [InlineData("""{"rule":"a","rules":[]}""")]
    [InlineData("""{"rule":"a","rules":{"a":null}}""")]
    [InlineData("""{"rule":"a","rules":{"a":[5]}}""")]
    [InlineData("""{"rule":"a","rules":{"a":"@"},"target":[]}""")]
    [InlineData("""{"rule":"a","rules":{"a":"@"},"credentials":"x"}""")]
    [InlineData("""{"rule":"a","rules":{"a":"@"},"target":{"x":"\ud800"}}""")]
    public async Task A_line_that_is_no_question_is_false_and_the_rest_goes_on(string line)
    {
        var (answers, reasons) = await AskAsync(line, """{"rule":"a","rules":{"a":"@"}}""");
        Assert.Equal(["false", "true"], answers);
        Assert.StartsWith("line 1: ", Assert.Single(reasons), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_and_deep_nesting_are_false()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 5000));
        var (answers, reasons) = await AskAsync([.. "{\"rule\":\"\u0000"u8, 0xff, 0xfe, (byte)'\n', .. Encoding.UTF8.GetBytes(deep)]);
        Assert.Equal(["false", "false"], answers);
        Assert.Equal(2, reasons.Length);
    }

    [Fact]
    public async Task A_line_over_the_bound_is_false_and_the_next_is_read()
    {
        const string good = """{"rule":"a","rules":{"a":"@"}}""";
        var (answers, reasons) = await AskAsync(new string('x', PolicyBatch.MaxLineBytes + 1), good, new string(' ', 3 * PolicyBatch.MaxLineBytes), good);
        Assert.Equal(["false", "true", "false", "true"], answers);
        Assert.Equal(2, reasons.Length);
    }

    [Fact]
    public async Task A_mark_at_the_begin_and_a_missing_end_do_no_harm()
    {
        var line = """{"rule":"a","rules":{"a":"@"}}"""u8.ToArray();
        Assert.Equal(["true", "true"], (await AskAsync([.. Encoding.UTF8.Preamble, .. line, (byte)'\r', (byte)'\n', .. line])).Answers);
        Assert.Empty((await AskAsync(Array.Empty<byte>())).Answers);
    }

    [Fact]
    public async Task What_is_wrong_with_rules_is_told_once()
    {
        const string line = """{"rule":"a","rules":{"a":"rule:a","b":"nonsense"}}""";
        var (answers, reasons) = await AskAsync(line, line);
        Assert.Equal(["false", "false"], answers);
        Assert.Equal(2, reasons.Length);
    }

    [Fact]
    public async Task Each_answer_is_there_before_the_next_question_is()
    {
        var pipe = new System.IO.Pipelines.Pipe();
        var answered = new AnsweredWriter();
        using var enforcer = new PolicyEnforcer(Deployment, enforceNewDefaults: true);
        var running = PolicyBatch.RunAsync(enforcer, pipe.Reader.AsStream(), answered, TextWriter.Null, TestContext.Current.CancellationToken);
        foreach (var (check, expected) in new[] { ("@", "true\n"), ("!", "false\n") })
        {
            var line = JsonSerializer.SerializeToUtf8Bytes(new { rule = "a", rules = new { a = check } });
            await pipe.Writer.WriteAsync((byte[])[.. line, (byte)'\n'], TestContext.Current.CancellationToken);
            Assert.Equal(expected, await answered.Flushed.Reader.ReadAsync(TestContext.Current.CancellationToken));
        }
        await pipe.Writer.CompleteAsync();
        await running;
    }

    private sealed class AnsweredWriter : StringWriter
    {
        public System.Threading.Channels.Channel<string> Flushed { get; } = System.Threading.Channels.Channel.CreateUnbounded<string>();

        public override Task FlushAsync()
        {
            if (ToString() is { Length: > 0 } text)
                Flushed.Writer.TryWrite(text);
            GetStringBuilder().Clear();
            return Task.CompletedTask;
        }
    }
}
