namespace Cyborg.Crash.Tests;

/// <summary>The services as programs: how they start, how they stop, what they say.</summary>
public sealed class ServiceTests
{
    private const string Orphan = """
        UPDATE attach_handles SET state = 'Held', arq_uuid = '5ed5d1f4-7bd3-4b2c-8f5c-6a1b1d9b3d11', generation = generation + 1
        WHERE id = (SELECT min(id) FROM attach_handles)
        """;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Services_wait_for_a_bus_and_a_database_that_are_not_there_yet_and_stop_in_good_order()
    {
        await using var cloud = await Cloud.CreateAsync(new CloudPlan(), RunFolders.New("services"), null, Stop);
        await cloud.Servers.Bus.KillAsync();
        await cloud.Servers.Postgres.KillAsync();
        await Task.WhenAll(cloud.All.Select(part => part.StartAsync()));
        foreach (var part in cloud.All)
            await LogSaysAsync(cloud, part, "nats");
        Assert.All(cloud.All, part => Assert.False(part.Process!.Exited.IsCompleted, $"{part.Name} has died"));

        await cloud.Servers.Bus.StartAgainAsync(Stop);
        await cloud.Servers.Postgres.Part.StartAsync();
        await cloud.Servers.Postgres.WaitAsync(Stop);
        await cloud.WaitUntilServingAsync(Stop);

        foreach (var part in cloud.All)
            Assert.Equal(0, await part.Process!.SignalAsync("TERM"));
    }

    [Theory]
    [InlineData("cyborg-api", "rabbit://user:secret@host", "NATS")]
    [InlineData("cyborg-conductor", "inprocess://", "reaches nobody outside this process")]
    [InlineData("cyborg-agent", "nats://secret@host", "a login needs both")]
    public async Task A_wrong_bus_is_told_in_one_line_without_its_password(string program, string url, string reason)
    {
        var folder = RunFolders.New("wrong");
        var config = Path.Combine(folder, "cyborg.conf");
        await File.WriteAllTextAsync(config, $"[DEFAULT]\ntransport_url = {url}\nstate_path = {folder}\n[api]\nauth_strategy = noauth\n", Stop);
        var log = Path.Combine(folder, "log");
        var executable = Path.Combine(AppContext.BaseDirectory, $"{program}.dll");
        await using var process = await RealProcess.StartAsync(log, new Dictionary<string, string>(), "dotnet", executable, "--config-file", config);
        Assert.Equal(1, await process.Exited.WaitAsync(s_patience, Stop));
        var text = await File.ReadAllTextAsync(log, Stop);
        Assert.Contains(reason, Assert.Single(text.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_prints_the_drift_that_a_conductor_then_mends()
    {
        await using var cloud = await Cloud.CreateAsync(new CloudPlan(), RunFolders.New("drift"), null, Stop);
        await cloud.StartAsync(Stop);
        await cloud.Conductors[0].KillAsync();
        string[] drift = ["--config-file", Path.Combine(cloud.Folder, "conductor-1.conf"), "drift"];
        Assert.Equal((0, ""), await cloud.RunAsync("cyborg-status", drift, Stop));

        await using var connection = await cloud.ConnectAsync(Stop);
        await Audit.BeginAsync(connection, Stop);
        await connection.TextsAsync(Orphan, Stop);
        var (code, text) = await cloud.RunAsync("cyborg-status", drift, Stop);
        Assert.Equal(1, code);
        Assert.StartsWith("5ed5d1f4-7bd3-4b2c-8f5c-6a1b1d9b3d11: ", Assert.Single(text.Trim().Split('\n')), StringComparison.Ordinal);

        // The judge of the crash tests must see it, too.
        using var history = new History(Path.Combine(cloud.Folder, "history.jsonl"));
        await new Judge(cloud, history).RunAsync([], Stop);
        Assert.Contains(history.Wrong, wrong => wrong.Contains("leaked", StringComparison.Ordinal));
        Assert.Contains(history.Wrong, wrong => wrong.Contains("held, but not attached", StringComparison.Ordinal));

        await cloud.Conductors[0].StartAsync();
        await cloud.UntilAsync(
            async () => (await connection.TextsAsync("SELECT 'x' FROM attach_handles WHERE state <> 'Free'", Stop)).Count == 0 ? "" : null,
            "the orphan is mended", ["conductor-1"]);
        await LogSaysAsync(cloud, cloud.Conductors[0], "5ed5d1f4-7bd3-4b2c-8f5c-6a1b1d9b3d11");
    }

    private static Task LogSaysAsync(Cloud cloud, Part part, string text) => cloud.UntilLogSaysAsync(part.Name, text);
}
