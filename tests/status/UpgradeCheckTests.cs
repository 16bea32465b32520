using System.Text.Json;
using Cyborg.Executables.Upgrade;
using Cyborg.TestServers;

namespace Cyborg.Status.Tests;

/// <summary><c>cyborg-status upgrade check</c>.</summary>
public sealed class UpgradeCheckTests : IDisposable
{
    private readonly Deployment _deployment = new();

    public void Dispose() => _deployment.Dispose();

    [Fact]
    public void The_table_is_laid_out_as_upstreams()
    {
        var details = "There is no such thing as the thing that was to be here, and so it cannot be looked at.";
        Assert.Equal(
            """
            +-----------------------------------------------------------------------+
            | Upgrade Check Results                                                 |
            +-----------------------------------------------------------------------+
            | Check: One                                                            |
            | Result: Success                                                       |
            | Details: None                                                         |
            +-----------------------------------------------------------------------+
            | Check: Two                                                            |
            | Result: Failure                                                       |
            | Details: There is no such thing as the thing that was to be here, and |
            |          so it cannot be looked at.                                   |
            +-----------------------------------------------------------------------+

            """.ReplaceLineEndings("\n"),
            UpgradeTable.ToText([("One", UpgradeResult.Success), ("Two", new(UpgradeCode.Failure, details))]));
    }

    [Fact]
    public async Task A_deployment_that_is_ready_has_nothing_to_tell()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, cancellation: TestContext.Current.CancellationToken);
        Write(database.Url);
        var found = await _deployment.RunAsync("cyborg-status", "upgrade", "check");
        Assert.True(found.Code == 0, found.Output + found.Error);
        Assert.Equal(7, found.Lines.Count(line => line.StartsWith("| Result: Success ", StringComparison.Ordinal)));
        Assert.Contains("| Check: Policy File JSON to YAML Migration ", found.Output, StringComparison.Ordinal);
        Assert.Equal("", found.Error);
    }

    [Fact]
    public async Task What_changed_its_meaning_is_a_warning()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, cancellation: TestContext.Current.CancellationToken);
        _deployment.Write($"[DEFAULT]\ntransport_url = nats://h:4222\n[database]\nconnection = {database.Url}\n[api]\nauth_strategy = noauth\napi_workers = 8\n[agent]\nenabled_drivers = nvidia_gpu_driver\n");
        _deployment.Write("""{"cyborg:device:get_all": "role:reader"}""", "policy.yaml");
        var results = await JsonAsync(expected: 1);
        Said(results, "Policy File JSON to YAML Migration", 1, "is JSON");
        var changed = results["Options That Changed Their Meaning"].Details!;
        foreach (var text in new[] { "initial_state is not set", "nvidia_gpu_driver", "api_workers has no effect", "resource_provider_name is not set" })
            Assert.Contains(text, changed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_would_not_run_is_a_failure()
    {
        _deployment.Write(
            $"[DEFAULT]\ntransport_url = rabbit://u:mq-secret@h\n[database]\nconnection = mysql://u:db-secret@h/cyborg\n[oslo_policy]\npolicy_file = {_deployment.Folder}/own.yaml\n");
        _deployment.Write("a: [", "own.yaml");
        _deployment.Write("{}", "policy.json");
        var found = await _deployment.RunAsync("cyborg-status", "upgrade", "check");
        Assert.Equal(2, found.Code);
        Assert.DoesNotContain("secret", found.Output + found.Error, StringComparison.Ordinal);
        Assert.Contains("| Result: Failure ", found.Output, StringComparison.Ordinal);
        var results = await JsonAsync(expected: 2);
        Said(results, "Policy File JSON to YAML Migration", 0, null);
        Said(results, "Policy Rules", 2, "own.yaml:");
        Said(results, "Configuration", 2, "[DEFAULT] transport_url");
        Said(results, "Database and Bus URLs", 2, "names a MySQL database");
        Said(results, "Database and Bus URLs", 2, "its bus is NATS");
        Said(results, "Database Version", 2, "[database] connection cannot be used");
    }

    [Fact]
    public async Task An_old_policy_file_that_is_not_read_any_more_is_a_failure()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, cancellation: TestContext.Current.CancellationToken);
        Write(database.Url);
        _deployment.Write("{}", "policy.json");
        var results = await JsonAsync(expected: 2);
        Said(results, "Policy File JSON to YAML Migration", 2, "policy.json is not read any more");
    }

    [Theory, EachDatabase]
    public async Task An_empty_database_has_to_be_upgraded_first(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateEmptyAsync(kind, cancellation: TestContext.Current.CancellationToken);
        Write(database.Url);
        var results = await JsonAsync(expected: 2);
        Said(results, "Database Version", 2, "is at schema version 0");
        Said(results, "Database Version", 2, "Run cyborg-dbsync upgrade");
        Assert.Equal(0, (await _deployment.RunAsync("cyborg-dbsync", "upgrade")).Code);
        Assert.Equal(0, (await JsonAsync(expected: 0))["Database Version"].Result);
    }

    [Fact]
    public async Task What_cannot_be_looked_at_ends_with_255()
    {
        var found = await _deployment.RunAsync("cyborg-status", "--config-file", Path.Combine(_deployment.Folder, "none.conf"), "upgrade", "check");
        Assert.Equal(255, found.Code);
        Assert.Contains("none.conf: cannot read the configuration file", found.Error, StringComparison.Ordinal);
        Assert.Equal(255, (await _deployment.RunAsync("cyborg-status", "upgrade", "nonsense")).Code);
    }

    private void Write(string url) => _deployment.Write(
        $"""
        [DEFAULT]
        transport_url = nats://127.0.0.1:4222
        [database]
        connection = {url}
        [api]
        auth_strategy = noauth
        [devices]
        initial_state = ready
        [agent]
        resource_provider_name = compute-1
        """);

    private async Task<Dictionary<string, (int Result, string? Details)>> JsonAsync(int expected)
    {
        var found = await _deployment.RunAsync("cyborg-status", "upgrade", "check", "--json");
        Assert.True(found.Code == expected, found.Output + found.Error);
        using var document = JsonDocument.Parse(found.Output);
        return document.RootElement.GetProperty("checks").EnumerateArray().ToDictionary(
            check => check.GetProperty("check").GetString()!,
            check => (check.GetProperty("result").GetInt32(), check.GetProperty("details").GetString()));
    }

    private static void Said(Dictionary<string, (int Result, string? Details)> results, string check, int result, string? text)
    {
        Assert.Equal(result, results[check].Result);
        if (text is null)
            Assert.Null(results[check].Details);
        else
            Assert.Contains(text, results[check].Details, StringComparison.Ordinal);
    }
}
