namespace Cyborg.Hosting.Tests;

public sealed class HealthRegistryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_checks_all_is_well()
    {
        var report = await new HealthRegistry().CheckAsync(Token);
        Assert.True(report.IsOk);
        Assert.Equal("OK", report.ToPlainText());
    }

    [Fact]
    public async Task Failed_checks_give_their_reasons_by_name()
    {
        var health = new HealthRegistry();
        health.Register("ok", () => null);
        health.Register("database", () => "is locked");
        health.Register("bus", _ => ValueTask.FromResult<string?>("is away"));
        var report = await health.CheckAsync(Token);
        Assert.False(report.IsOk);
        Assert.Equal(["bus: is away", "database: is locked"], report.Reasons);
        Assert.Equal("bus: is away\ndatabase: is locked", report.ToPlainText());
        Assert.Equal(["bus", "database", "ok"], report.Results.Select(result => result.Name));
    }

    [Fact]
    public async Task A_check_that_throws_has_failed_and_its_text_stays_inside()
    {
        var health = new HealthRegistry();
        health.Register("a", () => throw new InvalidOperationException("password=hunter2"));
        Assert.Equal(["a: InvalidOperationException"], (await health.CheckAsync(Token)).Reasons);
    }

    [Fact]
    public async Task A_check_that_does_not_answer_has_failed()
    {
        var health = new HealthRegistry(timeout: TimeSpan.FromMilliseconds(1));
        var never = new TaskCompletionSource<string?>();
        health.Register("deaf", _ => new ValueTask<string?>(never.Task));
        Assert.Equal(["deaf: no answer within 0.001 s"], (await health.CheckAsync(Token)).Reasons);
    }

    [Fact]
    public async Task A_check_can_be_replaced_and_removed()
    {
        var health = new HealthRegistry();
        health.Register("a", () => "bad");
        health.Register("a", () => "worse");
        Assert.Equal(["a: worse"], (await health.CheckAsync(Token)).Reasons);
        health.Remove("a");
        Assert.True((await health.CheckAsync(Token)).IsOk);
    }

    [Fact]
    public async Task A_caller_who_gives_up_gets_no_report()
    {
        var health = new HealthRegistry(timeout: TimeSpan.FromMinutes(10));
        health.Register("a", async token =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return null;
        });
        using var stop = new CancellationTokenSource();
        var asked = health.CheckAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
    }
}
