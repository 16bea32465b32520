namespace Cyborg.Status.Tests;

/// <summary><c>config check</c> of the real programs.</summary>
public sealed class ConfigCheckTests : IDisposable
{
    private static readonly string[] Secrets = ["db-secret", "glance-secret", "nova-secret", "service-secret", "token-secret"];

    private readonly Deployment _deployment = new();

    public void Dispose() => _deployment.Dispose();

    [Theory]
    [InlineData("cyborg-api")]
    [InlineData("cyborg-conductor")]
    [InlineData("cyborg-agent")]
    public async Task An_upstream_file_gives_no_false_warning(string program)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "upstream.conf");
        var found = await _deployment.RunAsync(program, "config", "check", file);
        Assert.Equal("", string.Join('\n', found.Error.Split('\n').Where(line => line.StartsWith("warning", StringComparison.Ordinal))));
        Assert.Contains("note: ", found.Error, StringComparison.Ordinal);
        Assert.Contains("[DEFAULT] log_file has no effect: the log goes to standard error", found.Error, StringComparison.Ordinal);
        Assert.All(Secrets, secret => Assert.DoesNotContain(secret, found.Output + found.Error, StringComparison.Ordinal));
        Assert.True(found.Code == 0, found.Output);
        Assert.Contains("options set: no faults", found.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_fault_is_told_at_once_with_its_place()
    {
        _deployment.Write("""
            [DEFAULT]
            transport_url = rabbit://user:mq-secret@host
            [database]
            connection = mysql+pymysql://cyborg:db-secret@host/cyborg
            [conductor]
            save_interval = often
            lease_timeout = 5
            [nova]
            auth_type = password
            password = nova-secret
            """);
        var found = await _deployment.RunAsync("cyborg-conductor", "config", "check");
        Assert.Equal(1, found.Code);
        Assert.All(found.Lines, line => Assert.StartsWith(_deployment.Config, line, StringComparison.Ordinal));
        foreach (var (line, text) in new[] { (2, "its bus is NATS"), (4, "MySQL"), (6, "'often' is not a number") })
            Assert.Contains(found.Lines, told => told.StartsWith($"{_deployment.Config}:{line}: ", StringComparison.Ordinal) && told.Contains(text, StringComparison.Ordinal));
        Assert.DoesNotContain("secret", found.Output + found.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_belongs_together_is_judged_too()
    {
        _deployment.Write("[conductor]\nlease_timeout = 5\n[nova]\nauth_type = password\nusername = nova\npassword = nova-secret\n");
        var found = await _deployment.RunAsync("cyborg-conductor", "config", "check");
        Assert.Equal(1, found.Code);
        Assert.Contains(found.Lines, line => line.StartsWith($"{_deployment.Config}:2: [conductor] lease_timeout: 5 is too short", StringComparison.Ordinal));
        Assert.Contains(found.Lines, line => line.Contains("[nova] auth_url: is not set", StringComparison.Ordinal));
        Assert.DoesNotContain("secret", found.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_on_the_command_line_count_in_place_of_the_deployments()
    {
        _deployment.Write("[conductor]\nsave_interval = often\n");
        var (first, second) = (_deployment.Write("[conductor]\nsave_interval = never\n", "a.conf"), _deployment.Write("[conductor]\nsave_interval = 2\n", "b.conf"));
        Assert.Equal(1, (await _deployment.RunAsync("cyborg-conductor", "config", "check", first)).Code);
        Assert.Equal(0, (await _deployment.RunAsync("cyborg-conductor", "config", "check", first, second)).Code);
        var missing = await _deployment.RunAsync("cyborg-conductor", "config", "check", Path.Combine(_deployment.Folder, "c.conf"));
        Assert.Equal(1, missing.Code);
        Assert.Contains("c.conf: cannot read the configuration file: it does not exist", missing.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slip_of_the_finger_is_told_with_the_name_that_was_meant()
    {
        _deployment.Write("[conductor]\nsave_intervall = 2\nheartbeat_interval = 5\n[agnet]\nenabled_drivers = fake_driver\n[DEFAULT]\nzzz = 1\nauth_strategy = keystone\n");
        var found = await _deployment.RunAsync("cyborg-conductor", "config", "check");
        Assert.Equal(0, found.Code);
        Assert.Equal(
            [
                $"warning: {_deployment.Config}:2: [conductor] save_intervall is not an option that this service knows; it has no effect; did you mean save_interval?",
                $"warning: {_deployment.Config}:3: [conductor] heartbeat_interval is not an option that this service knows; it has no effect; did you mean [agent] heartbeat_interval?",
                $"warning: {_deployment.Config}:5: [agnet] enabled_drivers is not an option that this service knows; it has no effect; did you mean [agent] enabled_drivers?",
                $"warning: {_deployment.Config}:7: [DEFAULT] zzz is not an option that this service knows; it has no effect",
                $"warning: {_deployment.Config}:8: [DEFAULT] auth_strategy is read by nobody: devstack writes it, and no service has ever read it",
            ],
            found.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("config")]
    [InlineData("config", "nonsense")]
    [InlineData("config", "sample", "--nonsense")]
    public async Task A_command_line_that_cannot_be_used_ends_with_2(params string[] arguments) =>
        Assert.Equal(2, (await _deployment.RunAsync("cyborg-agent", arguments)).Code);
}
