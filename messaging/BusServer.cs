namespace Cyborg.Messaging;

/// <summary>Serves calls on a bus: maps verbs to handlers, bounds what runs at once, answers faults.</summary>
public sealed class BusServer : IAsyncDisposable
{
    /// <summary>Registers the handler of a verb, before <see cref="StartAsync"/>.</summary>
    public void Map<TRequest, TReply>(Verb<TRequest, TReply> verb, Func<TRequest, CallContext, CancellationToken, Task<TReply>> handler) =>
        throw new NotImplementedException();

    /// <summary>Starts listening.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Stops listening and waits for the handlers that run.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
