namespace Cyborg.Messaging;

/// <summary>Makes calls on a bus.</summary>
public sealed class BusClient : IAsyncDisposable
{
    /// <summary>Calls <paramref name="verb"/> and waits for its reply within <see cref="CallContext.TimeLeft"/>. A mutating call gets an idempotency id
    /// and is re-sent with it when an answer is lost; a busy server is asked once more.</summary>
    /// <param name="verb">What to do.</param>
    /// <param name="request">With what.</param>
    /// <param name="context">On whose behalf and until when.</param>
    /// <param name="host">The host, for host and agent verbs.</param>
    /// <param name="cancellationToken">Gives up waiting; whether the work is done is then unknown.</param>
    /// <exception cref="Cyborg.Model.FaultException">The server's fault, or the bus's own.</exception>
    public Task<TReply> CallAsync<TRequest, TReply>(
        Verb<TRequest, TReply> verb, TRequest request, CallContext context, string? host = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>Ends every call that waits.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
