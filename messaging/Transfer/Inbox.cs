using System.Collections.Concurrent;

namespace Cyborg.Messaging;

/// <summary>One subscription for everything that is addressed to this client or server itself; each exchange has its own address in it.
/// Addresses are random, so that nobody can guess another's.</summary>
/// <param name="transport">Where it listens.</param>
/// <param name="onLate">Gets what nobody waits for any more: answers to calls that were given up, parts of messages that broke.</param>
internal sealed class Inbox(IBusTransport transport, Action<TransportMessage> onLate) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Action<TransportMessage>> _entries = new(StringComparer.Ordinal);
    private readonly string _prefix = $"{transport.InboxPrefix}.{Guid.NewGuid():N}";
    private readonly SemaphoreSlim _opening = new(1, 1);
    private volatile IAsyncDisposable? _subscription;
    private bool _disposed;

    /// <summary>Addresses in use.</summary>
    public int Count => _entries.Count;

    /// <summary>Starts listening, once.</summary>
    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        if (_subscription is not null)
            return;
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _subscription ??= await transport.SubscribePromptAsync(_prefix + ".*", null, OnMessage, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Makes an address whose messages go to <paramref name="onMessage"/>, one at a time.</summary>
    public string Open(Action<TransportMessage> onMessage)
    {
        var address = $"{_prefix}.{Guid.NewGuid():N}";
        _entries[address] = onMessage;
        return address;
    }

    /// <summary>Forgets an address.</summary>
    public void Close(string address) => _entries.TryRemove(address, out _);

    /// <summary>Stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        await _opening.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_disposed)
                return;
            _disposed = true;
            if (_subscription is { } subscription)
                await subscription.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _opening.Release();
        }
    }

    private void OnMessage(TransportMessage message)
    {
        if (_entries.TryGetValue(message.Subject, out var entry))
            entry(message);
        else
            onLate(message);
    }
}
