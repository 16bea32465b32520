namespace Cyborg.Messaging;

/// <summary>Holds a sender back until the receiver has room.</summary>
/// <param name="address">Where the parts go; null if the first credit tells it, so that all parts reach the one process that took the first frame.</param>
internal sealed class CreditGate(string? address = null)
{
    private readonly Lock _lock = new();
    private int _credit;
    private string? _address = address;
    private TaskCompletionSource? _waiter;
    private bool _stopped;

    /// <summary>Takes in a credit; a late or repeated one changes nothing.</summary>
    public void Grant(int credit, string? from)
    {
        TaskCompletionSource? waiter;
        lock (_lock)
        {
            _address ??= from;
            if (_address is null || credit <= _credit)
                return;
            _credit = credit;
            waiter = _waiter;
            _waiter = null;
        }
        waiter?.SetResult();
    }

    /// <summary>The receiver wants no more.</summary>
    public void Stop()
    {
        TaskCompletionSource? waiter;
        lock (_lock)
        {
            _stopped = true;
            waiter = _waiter;
            _waiter = null;
        }
        waiter?.SetResult();
    }

    /// <summary>Waits until the part <paramref name="sequence"/> may be sent and tells where to.</summary>
    /// <exception cref="TimeoutException">No credit came within <paramref name="timeout"/>.</exception>
    /// <exception cref="OperationCanceledException">The receiver wants no more, or the token fired.</exception>
    public async ValueTask<string> WaitAsync(int sequence, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task granted;
            lock (_lock)
            {
                if (_stopped)
                    throw new OperationCanceledException("The receiver wants no more parts.");
                if (sequence < _credit)
                    return _address!;
                _waiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                granted = _waiter.Task;
            }
            await granted.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
