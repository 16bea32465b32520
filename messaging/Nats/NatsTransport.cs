using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;

namespace Cyborg.Messaging;

/// <summary>A connection to a NATS server. It connects again for ever, with back-off and jitter, and restores its subscriptions; what it was
/// lost while sending may be lost, as core NATS promises no more.</summary>
public sealed class NatsTransport : IBusTransport
{
    /// <summary>How long a publish that nobody can cancel waits for a lost connection, or any for a connection that takes nothing.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_closePatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_pingAgain = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_roundTripPatience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<NatsListener, bool> _listeners = new();
    private readonly NatsConnection _connection;
    private readonly NatsLink _link;
    private readonly NatsTransportOptions _options;
    private readonly ILogger _logger;
    private readonly DropCount _drops;
    private int _disposed;

    private NatsTransport(NatsConnection connection, NatsLink link, NatsTransportOptions options, ILogger logger)
    {
        (_connection, _link, _options, _logger) = (connection, link, options, logger);
        _drops = new DropCount(logger);
        InboxPrefix = $"{options.InboxPrefix}.{Guid.NewGuid():N}";
        link.Owner = this;
    }

    /// <inheritdoc/>
    public int MaxPayload => _connection.ServerInfo!.MaxPayload;

    /// <inheritdoc/>
    public string InboxPrefix { get; }

    /// <inheritdoc/>
    public TimeSpan? ConnectedFor => Disposed ? null : _link.ConnectedFor(_connection);

    /// <summary>Messages dropped so far because their consumer was too slow.</summary>
    public long Dropped => _drops.Total;

    private bool Disposed => Volatile.Read(ref _disposed) != 0;

    /// <summary>Connects.</summary>
    /// <param name="options">Where and as whom.</param>
    /// <param name="logs">Where breaks and refusals are told.</param>
    /// <param name="time">Clock of waits.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BusConnectionException">The server refuses the login or its certificate is not trusted, a file is missing or, without
    /// <see cref="NatsSettings.WaitForServer"/>, no server is there.</exception>
    public static async Task<NatsTransport> ConnectAsync(
        NatsTransportOptions options, ILoggerFactory logs, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var logger = logs.CreateLogger<NatsTransport>();
        var link = new NatsLink(logger, time);
        var connection = await NatsConnector.ConnectAsync(options, link.Attach, logs, time, cancellationToken).ConfigureAwait(false);
        return new NatsTransport(connection, link, options, logger);
    }

    /// <inheritdoc/>
    public ValueTask PublishAsync(string subject, string? replyTo, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        SubjectPattern.Check(subject, wildcards: false);
        if (replyTo is not null)
            SubjectPattern.Check(replyTo, wildcards: false);
        if (payload.Length > MaxPayload)
            throw new ArgumentException($"The payload has {payload.Length} bytes; {MaxPayload} are allowed.", nameof(payload));
        return SendAsync(subject, replyTo, payload, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Disposed, this);
        try
        {
            await RoundTripAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (Translate(exception, cancellationToken) is { } translated)
        {
            throw translated;
        }
    }

    /// <inheritdoc/>
    public ValueTask<IAsyncDisposable> SubscribeAsync(
        string subject, string? queueGroup, Action<TransportMessage> onMessage, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Disposed, this);
        SubjectPattern.Check(subject, wildcards: true);
        var limits = new PumpLimits(_options.MaxPendingMessages, _options.MaxPendingBytes);
        return ListenAsync(subject, queueGroup, new MessagePump(subject, onMessage, limits, _drops.Add, _logger), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IAsyncDisposable> SubscribePromptAsync(
        string subject, string? queueGroup, Action<TransportMessage> onMessage, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Disposed, this);
        SubjectPattern.Check(subject, wildcards: true);
        return ListenAsync(subject, queueGroup, new PromptHandOver(subject, onMessage, _logger), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        var listeners = _listeners.Keys.ToArray();
        foreach (var listener in listeners)
            listener.Messages.Abandon();
        await SayGoodbyeAsync(listeners).ConfigureAwait(false);
        _link.Close();
        await _connection.DisposeAsync().ConfigureAwait(false);
        foreach (var listener in listeners)
            await listener.Messages.EndAsync().ConfigureAwait(false);
    }

    private async ValueTask<IAsyncDisposable> ListenAsync(string subject, string? queueGroup, HandOver messages, CancellationToken cancellationToken)
    {
        var listener = new NatsListener(_connection, subject, queueGroup, messages);
        _listeners[listener] = true;
        try
        {
            await _connection.AddSubAsync(listener, cancellationToken).ConfigureAwait(false);
            await RoundTripAsync(cancellationToken).ConfigureAwait(false);
            ObjectDisposedException.ThrowIf(Disposed, this);
        }
        catch (Exception exception)
        {
            _listeners.TryRemove(listener, out _);
            await listener.UnsubscribeAsync().ConfigureAwait(false);
            if (Translate(exception, cancellationToken) is { } translated)
                throw translated;
            throw;
        }
        return new Handle(this, listener);
    }

    private async ValueTask SendAsync(string subject, string? replyTo, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        using var patience = cancellationToken.CanBeCanceled || _connection.ConnectionState == NatsConnectionState.Open
            ? null
            : new CancellationTokenSource(Patience);
        try
        {
            await _connection.PublishAsync(
                subject,
                payload,
                replyTo: replyTo,
                serializer: NatsRawSerializer<ReadOnlyMemory<byte>>.Default,
                cancellationToken: patience?.Token ?? cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (Translate(exception, cancellationToken) is { } translated)
        {
            throw translated;
        }
    }

    /// <summary>Returns when the server has taken in all that was sent before. A break on the way is waited out: subscriptions are restored before
    /// anything else is sent.</summary>
    private async Task RoundTripAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            attempt.CancelAfter(s_roundTripPatience);
            try
            {
                await _connection.PingAsync(attempt.Token).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && !Disposed)
            {
                // The ping was lost with its connection, or there is none yet.
                await Task.Delay(s_pingAgain, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>So that from now on callers are told that nobody is here, instead of waiting for a connection that goes.</summary>
    private async Task SayGoodbyeAsync(NatsListener[] listeners)
    {
        if (_connection.ConnectionState != NatsConnectionState.Open)
            return;
        using var patience = new CancellationTokenSource(s_closePatience);
        try
        {
            foreach (var listener in listeners)
                await listener.UnsubscribeAsync().AsTask().WaitAsync(patience.Token).ConfigureAwait(false);
            await _connection.PingAsync(patience.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or NatsException or ObjectDisposedException)
        {
            // The server notices the closed connection by itself.
        }
    }

    private async ValueTask EndAsync(NatsListener listener)
    {
        if (!_listeners.TryRemove(listener, out _))
            return;
        var breaks = _link.Breaks;
        if (Disposed || _connection.ConnectionState != NatsConnectionState.Open)
            await listener.UnsubscribeAsync().ConfigureAwait(false);
        else
            await listener.DrainAsync(CancellationToken.None).ConfigureAwait(false);
        // A reconnect in the midst of a drain may have restored what was just given up: the server would go on to send calls here.
        if (_link.Breaks != breaks && !Disposed)
        {
            Log.StaleSubscription(_logger, listener.Subject);
            await _connection.ReconnectAsync().ConfigureAwait(false);
        }
        await listener.Messages.EndAsync().ConfigureAwait(false);
    }

    /// <summary>What the contract says instead of what the library throws; null if it may pass.</summary>
    private Exception? Translate(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        ObjectDisposedException => new ObjectDisposedException(nameof(NatsTransport), exception),
        OperationCanceledException when cancellationToken.IsCancellationRequested => null,
        OperationCanceledException or NatsException when Disposed => new ObjectDisposedException(nameof(NatsTransport), exception),
        OperationCanceledException => new BusConnectionException("The bus is lost.", exception),
        NatsPayloadTooLargeException => new ArgumentException("The payload is larger than the server allows.", exception),
        NatsException => new BusConnectionException("The bus takes nothing.", exception),
        _ => null,
    };

    private sealed class Handle(NatsTransport transport, NatsListener listener) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => transport.EndAsync(listener);
    }
}
