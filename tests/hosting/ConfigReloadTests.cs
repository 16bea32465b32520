using Microsoft.Extensions.Logging;

namespace Cyborg.Hosting.Tests;

public sealed class ConfigReloadTests
{
    private static readonly Option<int> Taken = Options.Integer("s", "taken", 1, "Taken over.");
    private static readonly Option<string> Kept = Options.Secret("s", "kept", "", "Needs a restart.");
    private static readonly Option<IReadOnlyList<string>> Dynamic = Options.List("d_*", "items", [], "Taken over.");
    private static readonly Option[] Known = [Taken, Kept, Dynamic];

    private readonly Lines _log = new();
    private string _file = "[s]\ntaken = 1\nkept = old-secret";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_has_changed_is_taken_over_and_the_rest_needs_a_restart()
    {
        var reload = Reload();
        var seen = new List<string>();
        reload.Takes(option => option.Name != "kept", (config, changed, _) =>
        {
            seen.Add($"{config.Get(Taken)}: {string.Join(' ', changed.Select(option => $"{option.Section}.{option.Name}"))}");
            return Task.CompletedTask;
        });
        _file = "[s]\ntaken = 2\nkept = new-secret\n[d_x]\nitems = a";
        await reload.RunAsync(Token);
        await reload.RunAsync(Token);
        _file = "[s]\ntaken = 2\nkept = old-secret\n[d_x]\nitems = a";
        await reload.RunAsync(Token);
        Assert.Equal(["2: s.taken d_x.items"], seen);
        Assert.Equal(2, _log.All.Count(line => line.StartsWith("f:3: [s] kept has changed and needs a restart", StringComparison.Ordinal)));
        Assert.Single(_log.All, line => line == "Taken over: f:2: [s] taken, f:5: [d_x] items");
        Assert.Equal("No option has changed that this service reads", _log.All[^1]);
        Assert.DoesNotContain("secret", string.Concat(_log.All), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_used_changes_nothing()
    {
        var reload = Reload();
        reload.Takes(_ => true, (_, _, _) => throw new InvalidOperationException("must not be asked"));
        _file = "[s]\ntaken = x";
        await reload.RunAsync(Token);
        Assert.Contains("f:2: [s] taken: 'x' is not an integer", _log.All[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_refused_is_asked_again_the_next_time()
    {
        var reload = Reload();
        var times = 0;
        reload.Takes(option => option == Taken, (_, _, _) => times++ == 0 ? throw new InvalidOperationException("busy") : Task.CompletedTask);
        _file = "[s]\ntaken = 3\nkept = old-secret";
        await reload.RunAsync(Token);
        Assert.Equal("Not taken over: f:2: [s] taken: busy", _log.All[^1]);
        await reload.RunAsync(Token);
        Assert.Equal("Taken over: f:2: [s] taken", _log.All[^1]);
        await reload.RunAsync(Token);
        Assert.Equal(2, times);
    }

    [Fact]
    public async Task Other_files_are_read_at_each_reload_and_one_that_fails_harms_no_other()
    {
        var reload = Reload();
        var times = 0;
        reload.Always(_ => throw new IOException("gone"));
        reload.Always(_ =>
        {
            times++;
            return Task.CompletedTask;
        });
        await reload.RunAsync(Token);
        await reload.RunAsync(Token);
        Assert.Equal(2, times);
        Assert.Contains("Not taken over: files: gone", _log.All);
    }

    [Fact]
    public void A_value_that_is_written_otherwise_has_not_changed()
    {
        var before = CyborgConfig.Parse([new("f", "")], Known);
        Assert.Empty(CyborgConfig.Parse([new("f", "[s]\ntaken = 1\nkept =")], Known).ChangedSince(before));
        Assert.Equal([Taken], CyborgConfig.Parse([new("f", "[s]\ntaken = 4")], Known).ChangedSince(before));
        Assert.Equal([Taken], before.ChangedSince(CyborgConfig.Parse([new("f", "[s]\ntaken = 4")], Known)));
    }

    private ConfigReload Reload() => new(Load(), Load, _log);

    private CyborgConfig Load() => CyborgConfig.Parse([new("f", _file)], Known);

    private sealed class Lines : ILogger
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Add(formatter(state, exception));
    }
}
