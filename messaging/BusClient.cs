using System.Diagnostics;
using System.Text.Json;
using Cyborg.Model;
using Microsoft.Extensions.Logging;

namespace Cyborg.Messaging;

/// <summary>Makes calls on a bus. One client serves a whole process; its calls share one inbox.</summary>
public sealed class BusClient : IAsyncDisposable
{
    private static readonly Action<object?> s_cancel = static source => ((CancellationTokenSource)source!).Cancel();

    private readonly BusPeer _peer;
    private readonly CancellationTokenSource _closed = new();

    /// <summary>Makes a client; it starts to listen for answers with its first call.</summary>
    /// <param name="transport">The bus; not disposed by the client.</param>
    /// <param name="options">Limits.</param>
    /// <param name="logs">Where re-sends and lost messages are told.</param>
    /// <param name="time">Clock of deadlines.</param>
    /// <exception cref="ArgumentException">An option is out of bounds.</exception>
    public BusClient(IBusTransport transport, BusOptions options, ILoggerFactory logs, TimeProvider time) =>
        _peer = new BusPeer(transport, options, logs.CreateLogger<BusClient>(), time);

    /// <summary>Calls <paramref name="verb"/> and waits for its reply within <see cref="CallContext.TimeLeft"/>. A mutating call gets an idempotency id
    /// (or keeps the one that the context has) and is re-sent with it when an answer is lost; so are reads. A busy server is asked once more.</summary>
    /// <param name="verb">What to do.</param>
    /// <param name="request">With what.</param>
    /// <param name="context">On whose behalf and until when.</param>
    /// <param name="host">The host, for host and agent verbs.</param>
    /// <param name="cancellationToken">Gives up waiting; whether the work is done is then unknown.</param>
    /// <exception cref="FaultException">The server's fault, or the bus's own: <see cref="FaultCode.NoResponder"/>, <see cref="FaultCode.Busy"/> and
    /// <see cref="FaultCode.MessageTooLarge"/> of a request mean that nothing was done; after <see cref="FaultCode.DeadlineExceeded"/>,
    /// <see cref="FaultCode.ProtocolError"/> and <see cref="FaultCode.Unavailable"/> the outcome is unknown.</exception>
    public async Task<TReply> CallAsync<TRequest, TReply>(
        Verb<TRequest, TReply> verb, TRequest request, CallContext context, string? host = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(verb);
        ArgumentNullException.ThrowIfNull(context);
        var started = _peer.Time.GetTimestamp();
        var outcome = "ok";
        using var activity = StartSpan(verb, context);
        if (activity is not null)
            context = context with { TraceParent = activity.Id };
        try
        {
            using var reply = await SendAsync(verb, request, context, verb.Subject(host), cancellationToken).ConfigureAwait(false);
            return Read(verb, reply.Body);
        }
        catch (FaultException fault)
        {
            outcome = fault.Code.ToString();
            activity?.SetStatus(ActivityStatusCode.Error, outcome);
            throw;
        }
        catch (OperationCanceledException)
        {
            outcome = "cancelled";
            throw;
        }
        finally
        {
            BusMetrics.Calls.Record(
                _peer.Time.GetElapsedTime(started).TotalSeconds,
                BusMetrics.Tag("verb", verb.FullName),
                BusMetrics.Tag("outcome", outcome));
        }
    }

    /// <summary>Ends every call that waits with <see cref="FaultCode.Unavailable"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync().ConfigureAwait(false);
        await _peer.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<Received> SendAsync<TRequest, TReply>(
        Verb<TRequest, TReply> verb, TRequest request, CallContext context, string subject, CancellationToken cancellationToken)
    {
        if (context.TimeLeft <= TimeSpan.Zero)
            throw DeadlineExceeded(verb);
        var body = JsonSerializer.SerializeToUtf8Bytes(request, verb.RequestJson);
        if (body.Length > _peer.Options.MaxMessageBytes)
        {
            throw new FaultException(
                FaultCode.MessageTooLarge, $"The request has {body.Length} bytes; {_peer.Options.MaxMessageBytes} are allowed.");
        }
        context = Complete(verb, context);
        // One source for all three reasons to stop: a linked one would be a second for each call.
        using var stop = new CancellationTokenSource(context.TimeLeft, _peer.Time);
        using var closing = _closed.Token.UnsafeRegister(s_cancel, stop);
        using var givingUp = cancellationToken.UnsafeRegister(s_cancel, stop);
        try
        {
            await _peer.Inbox.StartAsync(stop.Token).ConfigureAwait(false);
            using var call = new ClientCall(_peer, verb, subject, context, body);
            return await call.RunAsync(stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw _closed.IsCancellationRequested ? Closed() : DeadlineExceeded(verb);
        }
        catch (Exception exception) when (exception is not (FaultException or OperationCanceledException))
        {
            Log.SendFailed(_peer.Logger, exception, verb.FullName, context.RequestId);
            throw new FaultException(FaultCode.Unavailable, "The bus can't be reached.", exception);
        }
    }

    private static Activity? StartSpan(Verb verb, CallContext context) => context.TraceParent is { } parent
        ? BusMetrics.Activities.StartActivity(verb.FullName, ActivityKind.Client, parent)
        : BusMetrics.Activities.StartActivity(verb.FullName, ActivityKind.Client);

    private CallContext Complete(Verb verb, CallContext context)
    {
        var left = context.TimeLeft < _peer.Options.MaxTimeLeft ? context.TimeLeft : _peer.Options.MaxTimeLeft;
        var id = verb.Mutating ? context.IdempotencyId ?? Guid.NewGuid() : context.IdempotencyId;
        var trace = context.TraceParent ?? Activity.Current?.Id;
        return left == context.TimeLeft && id == context.IdempotencyId && trace == context.TraceParent
            ? context
            : context with { TimeLeft = left, IdempotencyId = id, TraceParent = trace };
    }

    private static TReply Read<TRequest, TReply>(Verb<TRequest, TReply> verb, ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, verb.ReplyJson)
                ?? throw new FaultException(FaultCode.ProtocolError, $"The reply to {verb.FullName} is empty.");
        }
        catch (JsonException exception)
        {
            throw new FaultException(FaultCode.ProtocolError, $"The reply to {verb.FullName} is malformed.", exception);
        }
    }

    private static FaultException DeadlineExceeded(Verb verb) =>
        new(FaultCode.DeadlineExceeded, $"No answer to {verb.FullName} within the time that was left.");

    private static FaultException Closed() => new(FaultCode.Unavailable, "The bus is closed.");
}
