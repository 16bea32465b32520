using System.Diagnostics;

namespace Cyborg.Conductor.Telemetry;

/// <summary>Which trace the bind of an ARQ belongs to, so that the work on its host and the word to Nova, which a loop does later, show in it. In memory and
/// bounded: the rows are the jobs, and a job that another conductor takes up, or this one after a restart, begins a trace of its own.</summary>
internal sealed class BindTraces(int most = 8192)
{
    private readonly Lock _turn = new();
    private readonly Dictionary<Guid, string> _parents = [];
    private readonly Queue<Guid> _order = new();

    /// <summary>Remembers the present span for some ARQs, if it is recorded.</summary>
    public void Remember(IEnumerable<Guid> arqs)
    {
        if (Activity.Current is not { Recorded: true, IdFormat: ActivityIdFormat.W3C, Id: { } id })
            return;
        lock (_turn)
        {
            foreach (var arq in arqs)
            {
                if (!_parents.ContainsKey(arq))
                    _order.Enqueue(arq);
                _parents[arq] = id;
            }
            while (_order.Count > most)
                _parents.Remove(_order.Dequeue());
        }
    }

    /// <summary>The span that brought the bind about; null if it is not known.</summary>
    public string? Of(Guid arq)
    {
        lock (_turn)
            return _parents.GetValueOrDefault(arq);
    }
}
