using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace Cyborg.Cli.Tests;

/// <summary>Formats that other programs read say what was said.</summary>
public sealed class FormatTests
{
    private static readonly string[] Words =
    [
        "plain", "two words", "true", "Yes", "null", "~", "", " ", "1", "1.5", "1e10", "0x10", "0b1", "2026-11-22", "12:30", "- a", "a: b", "a #b", "#a", "{a}", "[a]", "*a", "&a", "!a", "%a", "@a",
        "`a", "\"a\"", "'a'", "a\nb", "a\tb", "\u001b[31m", "ü", "…", "-", "--", "?", "=", "a-b_c/d.e", "11111111-1111-4111-8111-111111111111", "1e100000-0000-4000-8000-000000000000",
        "00000000-0000-4000-8000-000000000000", "y", "N", "on", ".inf", ".nan", "+1", "-1", "0o7", "1_000", "190:20:30", "C:\\x", "a,b", "trailing ", " leading", "a:",
    ];

    [Fact]
    public void Yaml_says_what_json_says()
    {
        var tree = new JsonObject
        {
            ["words"] = new JsonArray([.. Words.Select(word => (JsonNode)word)]),
            ["empty"] = new JsonObject(),
            ["none"] = new JsonArray(),
            ["deep"] = JsonNode.Parse("""{"a": [{"b": null}, [1, 2.50, true], "x"], "1": "key of digits", "true": 1}"""),
        };
        using var text = new StringWriter();
        PageYaml.Write(tree, text);
        var stream = new YamlStream();
        stream.Load(new StringReader(text.ToString()));
        Assert.Equal(tree.ToJsonString(), Json(Assert.Single(stream.Documents).RootNode)!.ToJsonString());
    }

    // YAML 1.1's idea of what a plain text means, as PyYAML has it.
    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, Json(pair.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Select(Json)]),
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: { } plain } when IsJson(plain) => JsonNode.Parse(plain),
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: { Length: 36 } plain } when Guid.TryParse(plain, out _) => plain,
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: { } plain } when
            !System.Text.RegularExpressions.Regex.IsMatch(plain, @"^([-+.]?[0-9][-+0-9_.:xob]*(e[-+]?[0-9]+)?|~|y|n|yes|no|on|off|[.](inf|nan)|.*: .*|.*[:#]|)$", System.Text.RegularExpressions.RegexOptions.IgnoreCase) => plain,
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.DoubleQuoted, Value: { } quoted } => quoted,
        _ => throw new InvalidOperationException($"'{node}' could be taken for something else"),
    };

    private static bool IsJson(string text)
    {
        try
        {
            JsonDocument.Parse(text).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    [Fact]
    public async Task Columns_are_chosen_in_the_order_in_which_they_are_named_and_whatever_their_case()
    {
        using var api = new FakeApi().Answers("GET", "/v1/services", 200, Samples.Services);
        using var cli = Cli.At(api.Url);
        Assert.Equal("up\track-7\n", await cli.DoAsync("service-list", "-f", "value", "-c", "STATE", "--column", "host"));
        Assert.Equal("""{"state":"up","host":"rack-7"}""", JsonNode.Parse(await cli.DoAsync("service-list", "-f", "json", "-c", "state", "-c", "host", "-c", "state"))![0]!.ToJsonString());
    }

    [Theory]
    [InlineData("table", "host  driver  backend  function  state  accelerators  state_reason\n")]
    [InlineData("json", "[]\n")]
    [InlineData("yaml", "[]\n")]
    [InlineData("value", "")]
    [InlineData("csv", "host,driver,backend,function,state,accelerators,state_reason\n")]
    public async Task A_list_of_nothing_is_still_a_list(string format, string page)
    {
        using var api = new FakeApi().Answers("GET", "/v1/services", 200, """{"services": []}""");
        using var cli = Cli.At(api.Url);
        Assert.Equal(page, await cli.DoAsync("service-list", "-f", format));
    }

    [Theory]
    [InlineData("-c", "colour", "there is no column colour; write one of host, driver")]
    [InlineData("-f", "xml", "Must be one of: 'table', 'json'")]
    [InlineData("--max-width", "19", "from 20 on")]
    [InlineData("--max-width", "wide", "'wide'")]
    [InlineData("--timeout", "0", "--timeout takes seconds")]
    [InlineData("--timeout", "1e9", "--timeout takes seconds")]
    public async Task A_format_that_there_is_not_is_a_fault_of_the_line(string flag, string value, string says)
    {
        // Nobody is asked: there is nobody.
        using var cli = Cli.At("http://127.0.0.1:9");
        Assert.Contains(says, await cli.FailAsync(2, "service-list", flag, value), StringComparison.Ordinal);
    }
}
