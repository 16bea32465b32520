using Cyborg.Conductor.Nova;
using Cyborg.Hosting;
using Cyborg.Storage;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Conductor.Tests;

/// <summary>A conductor that does nothing of itself, a relay that the test runs, and a Nova behind a Keystone.</summary>
internal sealed class NovaStage : IAsyncDisposable
{
    private readonly NovaOptions _options;
    private readonly NovaEndpoint _endpoint;
    private readonly EventRelay _relay;

    private NovaStage(TestConductor conductor, WireMockKeystone keystone, WireMockNova nova, NovaOptions options)
    {
        (Conductor, Keystone, Nova, _options) = (conductor, keystone, nova, options);
        _endpoint = NovaEndpoint.Open(options, NullLoggerFactory.Instance, TimeProvider.System)!;
        _relay = new EventRelay(conductor.Database, new NovaClient(_endpoint), Told, TimeProvider.System);
        Actions = new NovaServerActions(_endpoint);
        Orphans = NewWatch();
    }

    public TestConductor Conductor { get; }

    public WireMockKeystone Keystone { get; }

    public WireMockNova Nova { get; }

    public NovaServerActions Actions { get; }

    public OrphanWatch Orphans { get; }

    /// <summary>What the relay and the watches log.</summary>
    public CollectedLog Told { get; } = new();

    /// <summary>How often a host was left with work.</summary>
    public int LeftWork { get; private set; }

    /// <summary>Before a first look: far longer than any test takes, so that it shows which look is next.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a Nova is waited for that answers.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <param name="kind">Of the database.</param>
    /// <param name="inCatalog">False if Keystone's catalog has no Nova.</param>
    /// <param name="lines">More lines of <c>[nova]</c>.</param>
    /// <param name="timeout">How long an answer may take; null for <see cref="Patience"/>.</param>
    public static async Task<NovaStage> StartAsync(DatabaseKind kind, bool inCatalog = true, TimeSpan? timeout = null, params string[] lines)
    {
        var (keystone, nova) = (WireMockKeystone.Start(), new WireMockNova());
        if (inCatalog)
            keystone.AddService("compute", nova.Url);
        nova.TakesToken = token => keystone.ServiceTokens.Contains(token);
        nova.Answer = request => (200, WireMockNova.Verdicts(request, 200));
        var file = keystone.Section(
            "nova", [$"orphan_check_interval = {Interval.TotalSeconds:0}", .. lines.Select(line => line.Replace("{nova}", nova.Url, StringComparison.Ordinal))]);
        var options = NovaOptions.From(CyborgConfig.Parse([new ConfigSource("cyborg.conf", file)], NovaOptions.All)) with { AnswerTimeout = timeout ?? Patience };
        var conductor = await TestConductor.StartAsync(kind, options, quiet: true);
        await conductor.ReportAsync(TestConductor.Card("card", 4), TestConductor.Card("worked", 4, hostWork: true));
        return new NovaStage(conductor, keystone, nova, options);
    }

    /// <summary>Binds so many ARQs to an instance: Nova is owed as many messages.</summary>
    public async Task<IReadOnlyList<Guid>> BindAsync(int count, Guid? instance = null)
    {
        var arqs = await Conductor.CreateAsync(count);
        await Conductor.BindAsync(arqs, "card", instance ?? Guid.NewGuid());
        return arqs;
    }

    /// <summary>As if what is owed were failures.</summary>
    public Task FailAsync() => ChangeAsync(session => session.NovaEvents.Set(row => row.Status, NovaEventStore.Failed).UpdateAsync(Stop));

    public Task RoundAsync() => _relay.RoundAsync(Stop);

    /// <summary>As <see cref="RoundAsync()"/>, of a relay that waits no longer than that for an answer.</summary>
    public async Task RoundAsync(TimeSpan timeout)
    {
        using var endpoint = NovaEndpoint.Open(_options with { AnswerTimeout = timeout }, NullLoggerFactory.Instance, TimeProvider.System)!;
        await new EventRelay(Conductor.Database, new NovaClient(endpoint), Told, TimeProvider.System).RoundAsync(Stop);
    }

    /// <summary>Everything owed is due now.</summary>
    public Task HurryAsync() => ChangeAsync(session => session.NovaEvents.Set(row => row.SendAfter, _ => DatabaseClock.Now()).UpdateAsync(Stop));

    /// <summary>A watch as another conductor has it.</summary>
    public OrphanWatch NewWatch() => new(Conductor.Database, new NovaServers(_endpoint), Interval, Told, TimeProvider.System) { WorkLeft = () => LeftWork++ };

    /// <summary>Every server is due for a look.</summary>
    public Task HurryLooksAsync() => ChangeAsync(session => session.Arqs.Set(arq => arq.CheckAfter, _ => DatabaseClock.In(-1)).UpdateAsync(Stop));

    /// <summary>Looks at every server, so many times.</summary>
    public async Task LookAsync(int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            await HurryLooksAsync();
            await Orphans.RoundAsync(Stop);
        }
    }

    public Task<List<Guid>> OwedAsync() =>
        Conductor.Database.ReadAsync(session => session.NovaEvents.OrderBy(row => row.Id).Select(row => row.ArqUuid).ToListAsync(Stop), Stop);

    public async ValueTask DisposeAsync()
    {
        _endpoint.Dispose();
        await Conductor.DisposeAsync();
        await Nova.DisposeAsync();
        await Keystone.DisposeAsync();
    }

    private Task ChangeAsync<T>(Func<Session, Task<T>> change) => Conductor.Database.TransactAsync(change, Stop);
}

/// <summary>A log that keeps its lines.</summary>
internal sealed class CollectedLog : ILogger
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines)
            _lines.Add($"{logLevel} {eventId.Id} {formatter(state, exception)}");
    }
}
