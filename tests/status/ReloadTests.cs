using Cyborg.Crash.Tests;
using Cyborg.TestServers;

namespace Cyborg.Status.Tests;

/// <summary>SIGHUP: what the real services take over, and what they say of the rest.</summary>
public sealed class ReloadTests : IDisposable
{
    private readonly Deployment _deployment = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _deployment.Dispose();

    [Fact]
    public async Task An_agent_takes_over_the_level_of_its_log_and_its_drivers_and_says_what_needs_a_restart()
    {
        await using var nats = await NatsServer.RequireAsync(cancellation: Stop);
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, cancellation: Stop);
        Write("", "devices = 1");
        await using var conductor = await _deployment.StartAsync("cyborg-conductor");
        await using var agent = await _deployment.StartAsync("cyborg-agent");
        await _deployment.LogSaysAsync("cyborg-agent", "cyborg-agent runs");
        await _deployment.LogSaysAsync("cyborg-agent", "accepted");
        await ProbesAsync(1);

        Write("debug = true\nperiodic_interval = 7\npassword-like = hush-secret\n", "devices = 3");
        await HangUpAsync(agent);
        var log = await _deployment.LogSaysAsync("cyborg-agent", "needs a restart");
        log = await _deployment.LogSaysAsync("cyborg-agent", "Taken over: " + _deployment.Config);
        Assert.Contains("[fake] devices", log, StringComparison.Ordinal);
        Assert.Contains("[DEFAULT] debug", log, StringComparison.Ordinal);
        Assert.Contains("[DEFAULT] periodic_interval has changed and needs a restart of this service", log, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", log, StringComparison.Ordinal);
        await ProbesAsync(3);

        // What cannot be used changes nothing.
        Write("debug = maybe\n", "devices = 5");
        await HangUpAsync(agent);
        await _deployment.LogSaysAsync("cyborg-agent", "cannot be used, and the one from before stays");
        await ProbesAsync(3);

        Write("debug = true\nperiodic_interval = 7\n", "devices = 3\nfail = nonsense");
        await HangUpAsync(agent);
        log = await _deployment.LogSaysAsync("cyborg-agent", "Not taken over: ");
        Assert.Contains("unknown operation 'nonsense'", log, StringComparison.Ordinal);
        Assert.Equal(0, await agent.SignalAsync("TERM"));
        Assert.Equal(0, await conductor.SignalAsync("TERM"));

        async Task ProbesAsync(int devices)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            patience.CancelAfter(TimeSpan.FromMinutes(3));
            while (!(await _deployment.RunAsync("cyborg-agent", "--config-file", Good, "doctor")).Output.Contains($"{devices} installed devices", StringComparison.Ordinal))
                await Task.Delay(100, patience.Token);
        }

        void Write(string defaults, string fake)
        {
            var text = $"[DEFAULT]\n{defaults}host = compute-1\ntransport_url = nats://{nats.Address}\nstate_path = {_deployment.Folder}\n[database]\nconnection = {database.Url}\n"
                + $"[devices]\ninitial_state = ready\n[fake]\n{fake}\n";
            _deployment.Write(text);
            if (!text.Contains("maybe", StringComparison.Ordinal))
                _deployment.Write(text, "good.conf");
        }
    }

    [Fact]
    public async Task An_api_reads_its_policy_files_and_outlives_signals_that_come_early()
    {
        await using var nats = await NatsServer.RequireAsync(cancellation: Stop);
        _deployment.Write($"[DEFAULT]\ntransport_url = nats://{nats.Address}\n[api]\nauth_strategy = noauth\nport = 0\n");
        await using var api = await _deployment.StartAsync("cyborg-api");
        await _deployment.LogSaysAsync("cyborg-api", "cyborg-api runs");
        await HangUpAsync(api);
        await _deployment.LogSaysAsync("cyborg-api", "No option has changed that this service reads");

        _deployment.Write("\"cyborg:device:get_all\": \"role:reader and\"\n", "policy.yaml");
        _deployment.Write($"[DEFAULT]\ntransport_url = nats://{nats.Address}\n[api]\nauth_strategy = noauth\nport = 0\nmax_body_size = 2048\n");
        await HangUpAsync(api);
        var log = await _deployment.LogSaysAsync("cyborg-api", "needs a restart");
        Assert.Contains("[api] max_body_size has changed", log, StringComparison.Ordinal);
        Assert.Contains("cyborg:device:get_all", log, StringComparison.Ordinal);
        Assert.Equal(0, await api.SignalAsync("TERM"));
    }

    private string Good => Path.Combine(_deployment.Folder, "good.conf");

    private static async Task HangUpAsync(RealProcess service)
    {
        using var kill = System.Diagnostics.Process.Start("kill", ["-s", "HUP", $"{service.Id}"]);
        await kill.WaitForExitAsync(Stop);
        Assert.Equal(0, kill.ExitCode);
    }
}
