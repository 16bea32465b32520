using System.Text;
using System.Text.Json;

namespace Cyborg.Identity.Policy;

/// <summary>Answers questions in JSON, one a line: <c>{"rule": NAME, "rules": {NAME: CHECK, ...}, "target": {...}, "credentials": {...}}</c>.
/// With <c>rules</c> only these are asked, and the one named <c>default</c> stands for unknown ones; without, the deployment's are.
/// Credentials are those that oslo.policy gets (<c>user_id</c>, <c>project_id</c>, <c>roles</c>, ...), and target and credentials may hold
/// any JSON; without one it is empty. Lines are answered as they come, in bounded memory.</summary>
public sealed class PolicyBatch
{
    /// <summary>Longest line, in bytes.</summary>
    public const int MaxLineBytes = 4 * 1024 * 1024;

    private const int MaxRemembered = 1000;

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = PolicyJson.MaxDepth };

    private readonly PolicyEnforcer _deployment;
    private readonly TextWriter _reasons;
    private readonly Dictionary<string, PolicyRuleSet> _ruleSets = new(StringComparer.Ordinal);
    private long _line;

    private PolicyBatch(PolicyEnforcer deployment, TextWriter reasons) => (_deployment, _reasons) = (deployment, reasons);

    /// <summary>Answers until the questions end.</summary>
    /// <param name="deployment">The deployment's rules; it also asks the servers of remote checks.</param>
    /// <param name="questions">The lines, in UTF-8.</param>
    /// <param name="answers">Gets <c>true</c> or <c>false</c> for each line, even for one that is no question.</param>
    /// <param name="reasons">Gets a line, with the number of the question's, for each line that is no question and for what is wrong with
    /// its rules.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">The questions cannot be read, or the answers not be written.</exception>
    public static async Task RunAsync(
        PolicyEnforcer deployment, Stream questions, TextWriter answers, TextWriter reasons, CancellationToken cancellationToken = default)
    {
        var batch = new PolicyBatch(deployment, reasons);
        var lines = new PolicyLines(questions, MaxLineBytes);
        await using var _ = lines.ConfigureAwait(false);
        // Who asks one question after the other waits for each answer.
        while (await lines.NextAsync(answers.FlushAsync, cancellationToken).ConfigureAwait(false))
        {
            batch._line++;
            var answer = await batch.AnswerAsync(lines, cancellationToken).ConfigureAwait(false);
            await answers.WriteAsync(answer ? "true\n" : "false\n").ConfigureAwait(false);
        }
        await answers.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<bool> AnswerAsync(PolicyLines lines, CancellationToken cancellationToken)
    {
        if (lines.WasTooLong)
            return Bad($"is longer than {MaxLineBytes} bytes");
        try
        {
            using var json = JsonDocument.Parse(WithoutMark(lines.Line), Reading);
            var question = Question(json.RootElement);
            return Rules(json.RootElement) is { } rules
                ? await _deployment.AskAsync(rules, question, cancellationToken).ConfigureAwait(false)
                : await _deployment.AskAsync(question, cancellationToken).ConfigureAwait(false);
        }
        catch (JsonException fault)
        {
            return Bad($"is no JSON: {fault.Message}");
        }
        catch (Exception fault) when (fault is FormatException or InvalidOperationException)
        {
            // The second is what the reader of JSON says of half a character.
            return Bad(fault.Message);
        }
    }

    private static RemoteQuestion Question(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw new FormatException("is no JSON object");
        if (!json.TryGetProperty("rule", out var rule) || rule.ValueKind != JsonValueKind.String)
            throw new FormatException("lacks the name of a rule as a text");
        var credentials = Map(json, "credentials");
        // oslo.policy knows this by two names.
        if (PythonText.IsTrue(credentials.GetValueOrDefault("system_scope")))
            credentials["system"] = credentials["system_scope"];
        return new RemoteQuestion(rule.GetString()!, Map(json, "target"), credentials);
    }

    private PolicyRuleSet? Rules(JsonElement json)
    {
        if (!json.TryGetProperty("rules", out var given) || given.ValueKind == JsonValueKind.Null)
            return null;
        if (given.ValueKind != JsonValueKind.Object)
            throw new FormatException("has rules that are no JSON object");
        var text = given.GetRawText();
        if (_ruleSets.TryGetValue(text, out var known))
            return known;
        var rules = PolicyRuleSet.Of(PolicyJson.Rules(given));
        foreach (var problem in rules.Problems)
            Tell(problem);
        if (_ruleSets.Count >= MaxRemembered)
            _ruleSets.Clear();
        _ruleSets[text] = rules;
        return rules;
    }

    private static Dictionary<string, object?> Map(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out var given) || given.ValueKind == JsonValueKind.Null)
            return new Dictionary<string, object?>(StringComparer.Ordinal);
        return given.ValueKind == JsonValueKind.Object ? PolicyJson.Map(given) : throw new FormatException($"has a {name} that is no JSON object");
    }

    private ReadOnlyMemory<byte> WithoutMark(byte[] bytes) =>
        _line == 1 && bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes.AsMemory(Encoding.UTF8.Preamble.Length) : bytes;

    private bool Bad(string why)
    {
        Tell(why);
        return false;
    }

    private void Tell(string what) => _reasons.WriteLine($"line {_line}: {PolicyRuleSet.Shown(what, 500)}");
}
