using Cyborg.Messaging;
using Microsoft.Extensions.Logging;

namespace Cyborg.Agent.Leases;

/// <summary>Lets conductors' commands in while this agent holds the host's name, and only then: all agents of one name listen on the same subjects, so a second
/// one would take commands that are meant for the first. It opens when a conductor has accepted a heartbeat or a report, and closes when one says
/// that another agent holds the name.</summary>
internal sealed class CommandGate(BusServer server, ILogger log) : IDisposable
{
    private readonly SemaphoreSlim _switching = new(1, 1);
    private volatile bool _open;

    /// <summary>True while commands are let in.</summary>
    public bool IsOpen => _open;

    /// <summary>Listens, if it does not yet. If the bus refuses, the next heartbeat tries again.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        if (_open)
            return;
        await _switching.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_open)
                return;
            await server.StartAsync(cancellationToken).ConfigureAwait(false);
            _open = true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.NotListening(log, e);
        }
        finally
        {
            _switching.Release();
        }
    }

    /// <summary>Stops listening; commands that were let in go on.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        await _switching.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _open = false;
            await server.PauseAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _switching.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _switching.Dispose();
}
