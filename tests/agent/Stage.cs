using System.Collections.Concurrent;
using System.Threading.Channels;
using Cyborg.Agent.Usage;
using Cyborg.Drivers;
using Cyborg.Drivers.Fake;
using Cyborg.Drivers.Generic;
using Cyborg.Drivers.Generic.Pci;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Agent.Tests;

/// <summary>A bus with the agent under test at one end and a conductor at the other that does what a test says.</summary>
internal sealed class Stage : IAsyncDisposable
{
    public const string Host = "node 1.example.org";

    // Nothing is lost on this bus: a call that is slow is not to be sent again.
    private static readonly BusOptions s_patient = new() { AttemptTimeout = TimeSpan.FromMinutes(5), PartTimeout = TimeSpan.FromMinutes(5) };

    private readonly InProcessBus _bus = new();
    private readonly List<IAsyncDisposable> _open = [];
    private readonly Channel<(ReportInventory Report, CallContext Call)> _reports = Channel.CreateUnbounded<(ReportInventory, CallContext)>();
    private readonly Channel<Heartbeat> _beats = Channel.CreateUnbounded<Heartbeat>();
    private readonly Channel<ReportInstall> _installs = Channel.CreateUnbounded<ReportInstall>();
    private readonly Channel<ReportProviders> _providers = Channel.CreateUnbounded<ReportProviders>();

    public ManualTime Time { get; } = new();
    public CapturedLogs Logs { get; } = new();
    public Func<Heartbeat, HeartbeatReply> OnHeartbeat { get; set; } = _ => new HeartbeatReply(0, false, []);
    public Func<ReportInventory, InventoryReply> OnReport { get; set; } = _ => new InventoryReply([], 0);

    public Func<GetProviders, HostProviders> OnProviders { get; set; } = _ => new HostProviders(0, 0, false, []);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A folder of the test's own.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("cyborg-agent-").FullName;

    public AgentOptions Options(string? imagePath = null) => new()
    {
        Host = Host,
        StateFolder = Path.Combine(Folder, "agent"),
        HeartbeatInterval = TimeSpan.FromSeconds(400),
        PeriodicInterval = TimeSpan.FromSeconds(1000),
        DiscoveryTimeout = TimeSpan.FromSeconds(30),
        EnabledDrivers = [],
        ImagePath = imagePath,
        InitiallyReady = true,
        Usage = new UsageOptions { Interval = TimeSpan.Zero },
        Fake = new FakeDriverOptions { Host = Host },
        Generic = new GenericDriverOptions { Backends = [new PciBackendOptions { Host = Host }] },
    };

    public AgentRoom Agent(AgentOptions options, params IAcceleratorDriver[] drivers) => Open(new AgentRoom(options, drivers, Connect(), Logs, Time));

    public AgentRoom Agent(params IAcceleratorDriver[] drivers) => Agent(Options(), drivers);

    public async Task<AgentRoom> StartAgentAsync(params IAcceleratorDriver[] drivers)
    {
        var agent = Agent(drivers);
        await agent.StartAsync(Token);
        return agent;
    }

    public async Task<BusServer> StartConductorAsync()
    {
        var server = Open(new BusServer(Connect(), new BusOptions(), NullLoggerFactory.Instance, TimeProvider.System));
        server.Map(Verbs.ReportInventory, (report, call, _) => AnswerAsync(() => OnReport(report), _reports, (report, call)));
        server.Map(Verbs.ReportInstall, (install, _, _) => AnswerAsync(() => Done.Instance, _installs, install));
        server.Map(Verbs.Heartbeat, (beat, _, _) => AnswerAsync(() => OnHeartbeat(beat), _beats, beat));
        server.Map(Verbs.GetProviders, (request, _, _) => Task.FromResult(OnProviders(request)));
        server.Map(Verbs.ReportProviders, (report, _, _) => AnswerAsync(() => Done.Instance, _providers, report));
        await server.StartAsync(Token);
        return server;
    }

    /// <summary>The answer is decided before the test sees the request: what the test says then is for the next one.</summary>
    private static Task<TReply> AnswerAsync<TRequest, TReply>(Func<TReply> answer, Channel<TRequest> seen, TRequest request)
    {
        try
        {
            return Task.FromResult(answer());
        }
        finally
        {
            seen.Writer.TryWrite(request);
        }
    }

    public async Task<Heartbeat> HeartbeatAsync() => await _beats.Reader.ReadAsync(Token).AsTask().Soon();

    /// <summary>Reports that came and were not read.</summary>
    public int ReportsWaiting => _reports.Reader.Count;

    public async Task<ReportInventory> ReportAsync() => (await ReportCallAsync()).Report;

    public async Task<(ReportInventory Report, CallContext Call)> ReportCallAsync() => await _reports.Reader.ReadAsync(Token).AsTask().Soon();

    public async Task<ReportInstall> InstallReportAsync() => await _installs.Reader.ReadAsync(Token).AsTask().Soon();

    public async Task<ReportProviders> ProviderReportAsync() => await _providers.Reader.ReadAsync(Token).AsTask().Soon();

    /// <summary>A conductor calls the agent.</summary>
    public async Task<TReply> CallAsync<TRequest, TReply>(Verb<TRequest, TReply> verb, TRequest request, CallContext? context = null)
    {
        var client = Open(new BusClient(Connect(), s_patient, NullLoggerFactory.Instance, TimeProvider.System));
        return await client.CallAsync(verb, request, context ?? new CallContext { TimeLeft = TimeSpan.FromMinutes(5) }, Host, Token).Soon();
    }

    public async ValueTask DisposeAsync()
    {
        for (var i = _open.Count - 1; i >= 0; i--)
            await _open[i].DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    public IBusTransport Connect() => Open(_bus.Connect());

    private T Open<T>(T thing) where T : IAsyncDisposable
    {
        lock (_open)
            _open.Add(thing);
        return thing;
    }
}

internal static class Waiting
{
    /// <summary>How long a test waits before it fails. A machine that stands still for a while is not at fault.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Waits for something that must happen by itself; a test that hangs fails instead.</summary>
    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Patience, TestContext.Current.CancellationToken);

    public static Task Soon(this Task task) => task.WaitAsync(Patience, TestContext.Current.CancellationToken);

    /// <summary>Waits for something that nobody tells.</summary>
    public static async Task UntilAsync(Func<bool> holds)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (!holds())
            await Task.Delay(1, patience.Token);
    }
}

/// <summary>What was logged, in order.</summary>
internal sealed class CapturedLogs : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(int Id, string Text)> _lines = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when so many lines of a kind were logged, with the last of them.</summary>
    public async Task<string> LineAsync(int id, int count = 1)
    {
        while (true)
        {
            Task news;
            lock (_gate)
                news = _news.Task;
            var lines = Of(id).ToList();
            if (lines.Count >= count)
                return lines[count - 1];
            await news.Soon();
        }
    }

    public IEnumerable<string> Of(int id) => _lines.Where(line => line.Id == id).Select(line => line.Text);

    public ILogger CreateLogger(string categoryName) => categoryName == "cyborg.agent" ? this : NullLogger.Instance;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Add((eventId.Id, formatter(state, exception)));

    private void Add((int Id, string Text) line)
    {
        _lines.Enqueue(line);
        TaskCompletionSource told;
        lock (_gate)
            (told, _news) = (_news, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        told.SetResult();
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public void Dispose()
    {
    }
}
