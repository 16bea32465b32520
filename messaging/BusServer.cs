using Cyborg.Model;
using Microsoft.Extensions.Logging;

namespace Cyborg.Messaging;

/// <summary>Serves calls on a bus: maps verbs to handlers, bounds what runs at once, answers faults.</summary>
public sealed class BusServer : IAsyncDisposable
{
    private static readonly TimeSpan HardStopGrace = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _switching = new(1, 1);
    private readonly BusPeer _peer;
    private readonly CallDispatcher _dispatcher;
    private readonly CallIntake _intake;
    private readonly Dictionary<string, HandlerPool> _pools = new(StringComparer.Ordinal);
    private readonly List<ServedVerb> _verbs = [];
    private readonly List<IAsyncDisposable> _subscriptions = [];
    private bool _started;
    private bool _disposed;

    /// <summary>Makes a server that listens to nothing yet.</summary>
    /// <param name="transport">The bus; not disposed by the server.</param>
    /// <param name="options">Limits.</param>
    /// <param name="logs">Where failures of handlers are told.</param>
    /// <param name="time">Clock of deadlines.</param>
    /// <exception cref="ArgumentException">An option is out of bounds.</exception>
    public BusServer(IBusTransport transport, BusOptions options, ILoggerFactory logs, TimeProvider time)
    {
        _peer = new BusPeer(transport, options, logs.CreateLogger<BusServer>(), time);
        _dispatcher = new CallDispatcher(_peer, _stopping.Token);
        _intake = new CallIntake(_peer, _dispatcher);
    }

    /// <summary>Calls that wait or run now.</summary>
    public int InFlight => _dispatcher.InFlight;

    /// <summary>Registers the handler of a verb, before <see cref="StartAsync"/>. What the handler throws is answered: a <see cref="FaultException"/>
    /// with its code and text, anything else as <see cref="FaultCode.Internal"/> with nothing but the request's id. Its token fires when the
    /// caller's time is over or when the server stops hard.</summary>
    /// <param name="verb">What it serves.</param>
    /// <param name="handler">Does the work. For a mutating verb it must do the work of one <see cref="CallContext.IdempotencyId"/> once: the server
    /// only joins calls that are in flight at the same time.</param>
    /// <param name="ownHost">The agent's host, for agent verbs.</param>
    /// <param name="queueGroup">Servers of one group share the calls; null for <c>cyborg-conductor</c> or, for agent verbs, <c>cyborg-agent</c>.</param>
    /// <param name="pool">Verbs of one name share <see cref="BusOptions.PoolOf"/> handlers, so that others can't starve them.</param>
    /// <exception cref="InvalidOperationException">The server listens already, or the verb is mapped already.</exception>
    public void Map<TRequest, TReply>(
        Verb<TRequest, TReply> verb,
        Func<TRequest, CallContext, CancellationToken, Task<TReply>> handler,
        string? ownHost = null,
        string? queueGroup = null,
        string pool = BusOptions.DefaultPool)
    {
        ArgumentNullException.ThrowIfNull(verb);
        ArgumentNullException.ThrowIfNull(handler);
        var subject = verb.ServedSubject(ownHost);
        if (_started)
            throw new InvalidOperationException($"{subject} is mapped too late: the server listens already.");
        if (_verbs.Exists(other => other.Subject == subject))
            throw new InvalidOperationException($"{subject} is mapped twice.");
        if (!_pools.TryGetValue(pool, out var handlers))
            _pools.Add(pool, handlers = new HandlerPool(_peer.Options.PoolOf(pool)));
        var group = queueGroup ?? (verb.Target == VerbTarget.Agent ? "cyborg-agent" : "cyborg-conductor");
        _verbs.Add(new ServedVerb(verb, subject, group, handlers, ServedVerb.Wrap(verb, handler)));
    }

    /// <summary>Starts listening, or starts again after <see cref="PauseAsync"/>.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _switching.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _started = true;
            await _peer.Inbox.StartAsync(cancellationToken).ConfigureAwait(false);
            foreach (var verb in _verbs.Skip(_subscriptions.Count))
            {
                _subscriptions.Add(await _peer.Transport.SubscribePromptAsync(
                    verb.Subject, verb.QueueGroup, message => _intake.Take(verb, message), cancellationToken).ConfigureAwait(false));
            }
        }
        finally
        {
            _switching.Release();
        }
    }

    /// <summary>Stops listening, e.g. while the database is away, so that callers turn to another server or are told at once that there is none.
    /// What was taken already goes on.</summary>
    public async Task PauseAsync(CancellationToken cancellationToken)
    {
        await _switching.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await StopListeningAsync().ConfigureAwait(false);
        }
        finally
        {
            _switching.Release();
        }
    }

    /// <summary>Stops listening, waits for the handlers of every call that was taken, and sends their replies. After
    /// <see cref="BusOptions.DrainTimeout"/> it cancels the handlers.</summary>
    public async ValueTask DisposeAsync()
    {
        await _switching.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_disposed)
                return;
            _disposed = true;
            await StopListeningAsync().ConfigureAwait(false);
            _intake.Abandon();
            _dispatcher.Close();
            await DrainAsync().ConfigureAwait(false);
            await _peer.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _switching.Release();
        }
    }

    private async Task StopListeningAsync()
    {
        var subscriptions = _subscriptions.ToArray();
        _subscriptions.Clear();
        await Task.WhenAll(subscriptions.Select(subscription => subscription.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

    private async Task DrainAsync()
    {
        var idle = Task.WhenAll(_pools.Values.Select(pool => pool.WhenIdle()));
        try
        {
            await idle.WaitAsync(_peer.Options.DrainTimeout, _peer.Time).ConfigureAwait(false);
            return;
        }
        catch (TimeoutException)
        {
            Log.DrainTimedOut(_peer.Logger, _peer.Options.DrainTimeout);
            await _stopping.CancelAsync().ConfigureAwait(false);
        }
        try
        {
            await idle.WaitAsync(HardStopGrace, _peer.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.HandlersLeftBehind(_peer.Logger);
        }
    }
}
