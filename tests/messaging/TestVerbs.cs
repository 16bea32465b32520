using System.Text.Json.Serialization;

namespace Cyborg.Messaging.Tests;

public sealed record Question(string Text);

public sealed record Answered(string Text);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Question))]
[JsonSerializable(typeof(Answered))]
internal sealed partial class TestJson : JsonSerializerContext;

internal static class TestVerbs
{
    /// <summary>A read.</summary>
    public static readonly Verb<Question, Answered> Ask = Of(VerbTarget.Conductor, "ask", false);
    /// <summary>A mutating verb.</summary>
    public static readonly Verb<Question, Answered> Change = Of(VerbTarget.Conductor, "change", true);
    /// <summary>An agent asks, any conductor serves.</summary>
    public static readonly Verb<Question, Answered> Report = Of(VerbTarget.Host, "report", true);
    /// <summary>A conductor asks, one host's agent serves.</summary>
    public static readonly Verb<Question, Answered> Install = Of(VerbTarget.Agent, "install", true);

    private static Verb<Question, Answered> Of(VerbTarget target, string name, bool mutating) =>
        new(target, "test", name, mutating, TestJson.Default.Question, TestJson.Default.Answered);
}
