namespace Cyborg.Crash.Tests;

/// <summary>What a client may know of an ARQ.</summary>
internal enum Phase
{
    /// <summary>Made, bound to nothing.</summary>
    Initial,
    /// <summary>Bound to an instance, or on the way there, or failed to get there.</summary>
    Started,
    /// <summary>Given back.</summary>
    Unbound,
    /// <summary>There is none.</summary>
    Absent,
}

/// <summary>Where an ARQ is.</summary>
/// <param name="Phase">Phase of its life.</param>
/// <param name="Instance">The instance while it is <see cref="Phase.Started"/>, else null.</param>
internal readonly record struct Place(Phase Phase, Guid? Instance)
{
    public static Place Initial => new(Phase.Initial, null);
    public static Place Unbound => new(Phase.Unbound, null);
    public static Place Absent => new(Phase.Absent, null);
    public static Place Started(Guid instance) => new(Phase.Started, instance);
}

/// <summary>What a client asks.</summary>
internal enum Verb
{
    Bind,
    Unbind,
    Delete,
    DeleteByInstance,
}

/// <summary>One thing asked of one ARQ.</summary>
/// <param name="Verb">What.</param>
/// <param name="Instance">For which instance; null where it does not matter.</param>
internal sealed record Asked(Verb Verb, Guid? Instance)
{
    /// <summary>Where it takes an ARQ; null if it is refused there.</summary>
    public Place? From(Place place) => (Verb, place.Phase) switch
    {
        (Verb.Bind, Phase.Initial or Phase.Unbound) => Place.Started(Instance!.Value),
        (Verb.Unbind, not Phase.Absent) => Place.Unbound,
        (Verb.Delete, not Phase.Absent) => Place.Absent,
        // By instance it never fails; it removes what is bound to the instance.
        (Verb.DeleteByInstance, _) => place == Place.Started(Instance!.Value) ? Place.Absent : place,
        _ => null,
    };
}

/// <summary>Everywhere an ARQ may be, given all that one client asked of it and was told. A call without an answer may have been done, or may be done
/// at any later moment, once; an answer that fits none of the possibilities is a lie. Pure; all calls of one ARQ come from one client, one after
/// the other.</summary>
internal sealed class Knowledge
{
    /// <summary>A possibility: where the ARQ is, and how many of the unanswered calls of each kind have been done. Calls that are equal are counted and not
    /// told apart: a client that asks the same again and again of a service that is away would else have as many worlds as there are subsets.</summary>
    private sealed record World(Place Place, IReadOnlyList<int> Done)
    {
        public int DoneOf(int kind) => kind < Done.Count ? Done[kind] : 0;

        public World With(int kind, Place to) =>
            new(to, [.. Enumerable.Range(0, Math.Max(Done.Count, kind + 1)).Select(one => DoneOf(one) + (one == kind ? 1 : 0))]);

        /// <summary>True if all that may still happen in the other may happen here: what is judged is only where the ARQ is, and here no more is used up.</summary>
        public bool Covers(World other) => Place == other.Place && Enumerable.Range(0, Done.Count).All(kind => Done[kind] <= other.DoneOf(kind));
    }

    private readonly List<(Asked Asked, int Times)> _unanswered = [];
    private List<World> _worlds = [new(Place.Initial, [])];

    /// <summary>Where it may be now.</summary>
    public IReadOnlySet<Place> Places => Closure().Select(world => world.Place).ToHashSet();

    /// <summary>True if no call is without an answer, so that there is one possibility.</summary>
    public bool Certain => _unanswered.Count == 0;

    /// <summary>A call was done; false if that can't be.</summary>
    public bool WasDone(Asked asked) => Become(Closure().Select(world => (World: world, To: asked.From(world.Place)))
        .Where(step => step.To is not null).Select(step => step.World with { Place = step.To!.Value }));

    /// <summary>A call was refused because of where the ARQ is; false if that can't be.</summary>
    public bool WasImpossible(Asked asked) => Become(Closure().Where(world => asked.From(world.Place) is null));

    /// <summary>A call got no answer.</summary>
    public void IsUnknown(Asked asked)
    {
        var kind = _unanswered.FindIndex(one => one.Asked == asked);
        if (kind < 0)
            _unanswered.Add((asked, 1));
        else
            _unanswered[kind] = (asked, _unanswered[kind].Times + 1);
    }

    /// <summary>It was seen; false if it can't be there.</summary>
    public bool WasSeen(Place place) => Become(Closure().Where(world => world.Place == place));

    /// <summary>It was not seen bound to the instance; false if it must be.</summary>
    public bool WasNotSeenAt(Guid instance) => Become(Closure().Where(world => world.Place != Place.Started(instance)));

    private bool Become(IEnumerable<World> next)
    {
        var left = new List<World>();
        foreach (var world in next) Add(left, world);
        if (left.Count == 0) return false;
        _worlds = left;
        return true;
    }

    /// <summary>All that may be once any of the unanswered calls have been done, in any order.</summary>
    private List<World> Closure()
    {
        var reached = new List<World>(_worlds);
        var open = new Queue<World>(_worlds);
        while (open.TryDequeue(out var world))
        {
            for (var i = 0; i < _unanswered.Count; i++)
            {
                var (asked, times) = _unanswered[i];
                if (world.DoneOf(i) == times || asked.From(world.Place) is not { } to) continue;
                var next = world.With(i, to);
                if (Add(reached, next)) open.Enqueue(next);
            }
        }
        return reached;
    }

    /// <summary>Adds a world unless another covers it, and lets go of those that it covers; true if it was added. So only few are kept, and none is missed.</summary>
    private static bool Add(List<World> worlds, World world)
    {
        if (worlds.Exists(other => other.Covers(world))) return false;
        worlds.RemoveAll(world.Covers);
        worlds.Add(world);
        return true;
    }
}
