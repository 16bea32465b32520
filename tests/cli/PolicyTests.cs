using System.Text.Json;
using Cyborg.Api;

namespace Cyborg.Cli.Tests;

/// <summary><c>cyborg policy ...</c> as an operator types it.</summary>
public sealed class PolicyTests : IDisposable
{
    private readonly Command _command = new();

    public void Dispose() => _command.Dispose();

    [Fact]
    public async Task List_shows_every_rule_with_its_default_and_operations()
    {
        var (code, output, error) = await _command.RunAsync("policy", "list", "-f", "json");
        Assert.Equal((0, ""), (code, error));
        using var rules = JsonDocument.Parse(output);
        var all = rules.RootElement.EnumerateArray().ToDictionary(rule => rule.GetProperty("name").GetString()!);
        Assert.Equal(ApiPolicies.All.Select(rule => rule.Name), all.Keys);
        var create = all["cyborg:arq:create"];
        Assert.Equal("rule:project_member_or_service", create.GetProperty("default").GetString());
        Assert.Equal("rule:project_member_or_admin", create.GetProperty("deprecated").GetProperty("check").GetString());
        Assert.Equal("/v2/accelerator_requests", create.GetProperty("operations")[0].GetProperty("path").GetString());
        Assert.Equal("Wallaby", all["is_admin"].GetProperty("deprecated_for_removal_since").GetString());
        Assert.Equal("role:admin", all["admin_api"].GetProperty("default").GetString());
    }

    [Theory]
    [InlineData("table", "Rule ")]
    [InlineData("value", "admin_api\trole:admin\t")]
    [InlineData("yaml", "- name: \"admin_api\"\n  default: \"role:admin\"\n")]
    public async Task List_prints_plainly_into_a_pipe(string format, string begin)
    {
        var (code, output, _) = await _command.RunAsync("policy", "list", "-f", format);
        Assert.Equal(0, code);
        Assert.StartsWith(begin, output, StringComparison.Ordinal);
        Assert.Contains("cyborg:device:enable", output, StringComparison.Ordinal);
        Assert.DoesNotContain(output, c => c is '\u001b' or '│' || (char.IsControl(c) && c is not ('\n' or '\t')));
    }

    [Theory]
    [InlineData("cyborg:arq:create", "roles=member,project=p", null, true)]
    [InlineData("cyborg:arq:create", "roles=reader,project=p", null, false)]
    [InlineData("cyborg:arq:create", "roles=reader|service,project=p", null, true)]
    [InlineData("cyborg:arq:get_one", "roles=reader,project=p", "project_id=q", false)]
    [InlineData("cyborg:arq:get_one", "roles=admin,project=p", "project_id=q", true)]
    [InlineData("cyborg:arq:create", "roles=member", null, false)]
    [InlineData("cyborg:device:enable", "roles=admin,project=p,scope=system", null, false)]
    [InlineData("cyborg:nothing", "roles=admin,project=p", null, false)]
    public async Task Check_asks_the_deployments_rules(string rule, string caller, string? target, bool allows)
    {
        _command.Write("cyborg.conf", "[oslo_policy]\nenforce_new_defaults = true\n");
        string[] arguments = ["policy", "check", "--rule", rule, "--as", caller];
        var (code, output, _) = await _command.RunAsync(target is null ? arguments : [.. arguments, "--target", target]);
        Assert.Equal((allows ? 0 : 1, allows ? "true\n" : "false\n"), (code, output));
    }

    [Fact]
    public async Task Check_reads_the_policy_file_beside_the_configuration()
    {
        _command.Write("cyborg.conf", "[oslo_policy]\npolicy_file = policy.yaml\n");
        _command.Write("policy.yaml", "cyborg:device:enable: role:engineer\n");
        Assert.Equal(0, (await _command.RunAsync("policy", "check", "--rule", "cyborg:device:enable", "--as", "roles=engineer,project=p")).Code);
        Assert.Equal(1, (await _command.RunAsync("policy", "check", "--rule", "cyborg:device:enable", "--as", "roles=admin,project=p")).Code);
        _command.Write("policy.yaml", "a: [b\n");
        var (code, _, error) = await _command.RunAsync("policy", "check", "--rule", "cyborg:device:enable", "--as", "roles=engineer,project=p");
        Assert.Equal(2, code);
        Assert.Contains("policy.yaml", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("policy")]
    [InlineData("policy", "nonsense")]
    [InlineData("policy", "check")]
    [InlineData("policy", "check", "--rule")]
    [InlineData("policy", "check", "--rule", "r", "--batch", "f")]
    [InlineData("policy", "check", "--rule", "r", "--as", "colour=red")]
    [InlineData("policy", "check", "--rule", "r", "--target", "red")]
    [InlineData("policy", "check", "--batch", "/no/such/file")]
    [InlineData("policy", "check", "--rule", "r", "--config-file", "/no/such/file")]
    [InlineData("policy", "list", "-f", "xml")]
    public async Task Bad_use_is_exit_code_2(params string[] arguments)
    {
        var (code, _, error) = await _command.RunAsync(arguments);
        Assert.Equal(2, code);
        Assert.NotEqual("", error);
    }

    [Fact]
    public async Task A_batch_is_answered_line_by_line_from_a_file_and_from_standard_input()
    {
        const string questions = """
            {"rule": "r", "rules": {"r": "role:admin"}, "target": {}, "credentials": {"roles": ["admin"]}}
            this is no question
            {"rule": "x", "rules": {"r": "!", "default": "user.id:%(owner)s"}, "target": {"owner": 7}, "credentials": {"user": {"id": [6, 7]}}}
            {"rule": "cyborg:device:enable", "target": {"project_id": "p"}, "credentials": {"roles": ["admin"], "project_id": "p"}}
            {"rule": "cyborg:device:enable", "credentials": {"roles": ["admin"], "system_scope": "all"}}
            """;
        var file = _command.Write("questions", questions);
        foreach (var (code, output, error) in new[]
        {
            await _command.RunAsync("policy", "check", "--batch", file),
            await _command.RunProgramAsync(Command.Program, questions, null, "policy", "check", "--batch", "-"),
        })
        {
            Assert.Equal((0, "true\nfalse\ntrue\ntrue\nfalse\n"), (code, output));
            Assert.StartsWith("line 2: ", error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task A_sample_validates_and_so_it_does_when_all_of_it_counts(string enforceNewDefaults)
    {
        _command.Write("cyborg.conf", $"[oslo_policy]\nenforce_new_defaults = {enforceNewDefaults}\n");
        var (code, sample, _) = await _command.RunAsync("policy", "sample");
        Assert.Equal(0, code);
        Assert.All(sample.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("#", line, StringComparison.Ordinal));
        var commented = await _command.RunAsync("policy", "validate", _command.Write("commented.yaml", sample));
        Assert.Equal((0, ""), (commented.Code, commented.Output));
        var all = sample.Replace("\n#", "\n", StringComparison.Ordinal)[1..];
        var counting = await _command.RunAsync("policy", "validate", _command.Write("all.yaml", all));
        Assert.Equal((0, ""), (counting.Code, counting.Output));
        // Each rule is told to be the default: nothing changes.
        Assert.Equal(ApiPolicies.All.Count, counting.Error.Split('\n').Count(line => line.Contains("is the same as the default", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Validate_tells_each_fault_in_a_line()
    {
        var file = _command.Write("policy.yaml", "cyborg:arq:creat: role:x\ncyborg:arq:create: rule:a\na: rule:a\ncyborg:arq:delete: role:x and\n");
        var (code, output, _) = await _command.RunAsync("policy", "validate", file);
        Assert.Equal(1, code);
        Assert.Equal(3, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Validate_refuses_a_bomb_and_bytes_in_no_time()
    {
        var bomb = "a: &a [x, x]\n" + string.Concat(Enumerable.Range('b', 20).Select(c => $"{(char)c}: &{(char)c} [*{(char)(c - 1)}, *{(char)(c - 1)}]\n"));
        var (code, output, _) = await _command.RunAsync("policy", "validate", _command.Write("bomb.yaml", bomb));
        Assert.Equal(1, code);
        Assert.Contains("bomb.yaml:1: has an anchor", Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        await File.WriteAllBytesAsync(Path.Combine(_command.Folder, "bytes"), [0, 255, 254, 1], TestContext.Current.CancellationToken);
        Assert.Equal(1, (await _command.RunAsync("policy", "validate", Path.Combine(_command.Folder, "bytes"))).Code);
    }
}
