using Cyborg.Conductor.Telemetry;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Microsoft.Extensions.Logging;

namespace Cyborg.Conductor.Usage;

/// <summary>Hears what agents broadcast of their devices' use. Each conductor hears all of them, in no queue group, so that any can answer. Whether
/// the database can be reached makes no difference.</summary>
internal sealed class UsageListener(IBusTransport bus, UsageBoard board, ILogger log) : IAsyncDisposable
{
    private IAsyncDisposable? _subscription;
    private int _crowded;
    private int _malformed;

    /// <summary>Listens from now on.</summary>
    public async Task StartAsync(CancellationToken stop)
    {
        board.Begin();
        _subscription = await bus.SubscribeAsync(HostUsage.EveryHost, queueGroup: null, Hear, stop);
    }

    /// <summary>Listens no more.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_subscription is not null)
            await _subscription.DisposeAsync();
    }

    private void Hear(TransportMessage message)
    {
        if (!HostUsage.TryHost(message.Subject, out var host) || HostUsage.Read(message.Payload) is not { } usage)
        {
            ConductorMetrics.UsageMessages.Add(1, ConductorMetrics.Tag("result", "malformed"));
            // Once: who sends such things sends more of them.
            if (Interlocked.Exchange(ref _malformed, 1) == 0)
                Log.UsageMalformed(log, message.Subject);
            return;
        }
        var refused = board.Hear(host, usage);
        ConductorMetrics.UsageMessages.Add(1, ConductorMetrics.Tag("result", refused > 0 ? "crowded" : "taken"));
        if (refused > 0 && Interlocked.Exchange(ref _crowded, 1) == 0)
            Log.UsageCrowded(log, refused, host, board.Count);
    }
}
