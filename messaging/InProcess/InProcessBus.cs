using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Messaging;

/// <summary>A bus within one process, with the meaning of core NATS: bytes that are copied, a limit on their size, wildcards, queue groups, an
/// answer when nobody listens, bounded queues that drop for a slow consumer, and no promise that a message arrives.</summary>
public sealed class InProcessBus
{
    private readonly Lock _lock = new();
    private ImmutableDictionary<string, ImmutableArray<InProcessSubscription>> _exact =
        ImmutableDictionary.Create<string, ImmutableArray<InProcessSubscription>>(StringComparer.Ordinal);
    private ImmutableArray<InProcessSubscription> _wild = [];

    /// <summary>Makes an empty bus.</summary>
    /// <param name="options">Limits; null for NATS's own.</param>
    /// <param name="logs">Where dropped messages are told; null for nowhere.</param>
    /// <param name="time">Clock of <see cref="IBusTransport.ConnectedFor"/>; null for the machine's.</param>
    public InProcessBus(InProcessBusOptions? options = null, ILoggerFactory? logs = null, TimeProvider? time = null)
    {
        Options = options ?? new InProcessBusOptions();
        Logger = (logs ?? NullLoggerFactory.Instance).CreateLogger<InProcessBus>();
        Drops = new DropCount(Logger);
        Time = time ?? TimeProvider.System;
    }

    /// <summary>For tests: says of each message what becomes of it; null lets all pass. Called on the publisher's thread.</summary>
    public Func<TransportMessage, Delivery>? Intercept { get; set; }

    /// <summary>Messages dropped so far because their consumer was too slow.</summary>
    public long Dropped => Drops.Total;

    internal InProcessBusOptions Options { get; }

    internal ILogger Logger { get; }

    internal DropCount Drops { get; }

    internal TimeProvider Time { get; }

    /// <summary>A new connection. Disposing it ends its subscriptions at once; what waits for them is lost, as when a process dies.</summary>
    public IBusTransport Connect() => new InProcessConnection(this);

    internal void Add(InProcessSubscription subscription)
    {
        lock (_lock)
        {
            if (SubjectPattern.HasWildcard(subscription.Subject))
                _wild = _wild.Add(subscription);
            else
                _exact = _exact.SetItem(subscription.Subject, _exact.GetValueOrDefault(subscription.Subject, []).Add(subscription));
        }
    }

    internal void Remove(InProcessSubscription subscription)
    {
        lock (_lock)
        {
            _wild = _wild.Remove(subscription);
            if (!_exact.TryGetValue(subscription.Subject, out var listeners))
                return;
            listeners = listeners.Remove(subscription);
            _exact = listeners.IsEmpty ? _exact.Remove(subscription.Subject) : _exact.SetItem(subscription.Subject, listeners);
        }
    }

    internal void Publish(in TransportMessage message)
    {
        var delivery = Intercept?.Invoke(message) ?? Delivery.Normal;
        if (delivery.IsLost)
            return;
        if (delivery.Until is { } until)
            _ = RouteLaterAsync(until, message with { Payload = message.Payload.ToArray() });
        else
            Route(message);
    }

    private async Task RouteLaterAsync(Task until, TransportMessage message)
    {
        await until.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Route(message);
    }

    private void Route(in TransportMessage message)
    {
        var listeners = Listeners(message.Subject);
        Dictionary<string, List<InProcessSubscription>>? groups = null;
        foreach (var listener in listeners)
        {
            if (listener.QueueGroup is not { } group)
            {
                listener.Enqueue(message);
                continue;
            }
            groups ??= new Dictionary<string, List<InProcessSubscription>>(StringComparer.Ordinal);
            if (!groups.TryGetValue(group, out var members))
                groups.Add(group, members = []);
            members.Add(listener);
        }
        foreach (var members in groups?.Values ?? Enumerable.Empty<List<InProcessSubscription>>())
            members[Random.Shared.Next(members.Count)].Enqueue(message);
        if (listeners.Count == 0 && message.ReplyTo is { } replyTo)
            Route(new TransportMessage(replyTo, null, default, NoResponders: true));
    }

    private List<InProcessSubscription> Listeners(string subject)
    {
        ImmutableArray<InProcessSubscription> exact;
        ImmutableArray<InProcessSubscription> wild;
        lock (_lock)
        {
            exact = _exact.GetValueOrDefault(subject, []);
            wild = _wild;
        }
        var listeners = new List<InProcessSubscription>(exact);
        foreach (var subscription in wild)
        {
            if (SubjectPattern.Matches(subscription.Subject, subject))
                listeners.Add(subscription);
        }
        return listeners;
    }
}
