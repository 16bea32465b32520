namespace Cyborg.Messaging;

/// <summary>A split message on its way in: hands out credits, and ends once: whole, or broken by a gap or by silence.</summary>
internal sealed class IncomingMessage : IDisposable
{
    private readonly Lock _lock = new();
    private readonly MessageAssembly _assembly;
    private readonly MemoryBudget.Reservation _reservation;
    private readonly Action<int> _grant;
    private readonly Action<Received?> _ended;
    private readonly TimeSpan _timeout;
    private readonly ITimer _timer;
    private int _granted;
    private bool _over;

    /// <summary>Starts the clock; call <see cref="Start"/> when parts can be taken.</summary>
    /// <param name="assembly">With the first frame in it.</param>
    /// <param name="reservation">The memory it takes; passed on or given back.</param>
    /// <param name="grant">Sends a credit; must not block.</param>
    /// <param name="ended">Gets the body, or null if it broke. Called once, unless disposed before.</param>
    /// <param name="peer">For the clock and the bounded wait.</param>
    public IncomingMessage(
        MessageAssembly assembly, MemoryBudget.Reservation reservation, Action<int> grant, Action<Received?> ended, BusPeer peer)
    {
        (_assembly, _reservation, _grant, _ended) = (assembly, reservation, grant, ended);
        _timeout = peer.Options.PartTimeout;
        _timer = peer.Time.CreateTimer(static me => ((IncomingMessage)me!).End(null), this, _timeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Grants the first parts.</summary>
    public void Start()
    {
        int credit;
        lock (_lock)
            credit = _granted = _assembly.Credit;
        _grant(credit);
    }

    /// <summary>Takes the next part.</summary>
    public void Accept(in Frame part)
    {
        AssemblyState state;
        var credit = 0;
        lock (_lock)
        {
            if (_over)
                return;
            state = _assembly.Accept(part);
            if (state == AssemblyState.More)
            {
                _timer.Change(_timeout, Timeout.InfiniteTimeSpan);
                if (_assembly.Credit > _granted)
                    credit = _granted = _assembly.Credit;
            }
        }
        if (credit > 0)
            _grant(credit);
        if (state != AssemblyState.More)
            End(state == AssemblyState.Complete ? new Received(_assembly.Body, _reservation) : null);
    }

    /// <summary>Gives the message up, as if a part were missing.</summary>
    public void Break() => End(null);

    /// <summary>Forgets the message and tells nobody; false if it has ended already.</summary>
    public bool TryAbandon()
    {
        if (!TakeEnd())
            return false;
        _reservation.Dispose();
        return true;
    }

    public void Dispose() => TryAbandon();

    private void End(Received? result)
    {
        if (!TakeEnd())
            return;
        if (result is null)
            _reservation.Dispose();
        _ended(result);
    }

    private bool TakeEnd()
    {
        lock (_lock)
        {
            if (_over)
                return false;
            _over = true;
        }
        _timer.Dispose();
        return true;
    }
}
