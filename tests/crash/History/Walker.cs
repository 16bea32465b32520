using Cyborg.TestServers;

namespace Cyborg.Crash.Tests;

/// <summary>A bind that was acknowledged, and what the client did about it afterwards.</summary>
internal sealed class BindRecord(Guid arq, Guid instance)
{
    public Guid Arq { get; } = arq;
    public Guid Instance { get; } = instance;
    /// <summary>True once the client has asked to end it: then Nova need not hear of it.</summary>
    public bool Ended { get; set; }
}

/// <summary>One client. It walks ARQs through their lives, one walk after the other, and writes down all that it asks and is told.</summary>
internal sealed class Walker(int number, int seed, WalkPlan plan, History history, FakeNova nova)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(150);

    private readonly Random _random = new((seed * 1000) + number);
    private readonly List<BindRecord> _binds = [];
    private readonly Dictionary<Guid, Knowledge> _arqs = [];
    private readonly Dictionary<Guid, string> _handles = [];
    private int _walks;

    /// <summary>All binds that were acknowledged, or seen.</summary>
    public IReadOnlyList<BindRecord> Binds => _binds;

    /// <summary>All ARQs that were acknowledged, with what is known of them.</summary>
    public IReadOnlyDictionary<Guid, Knowledge> Arqs => _arqs;

    /// <summary>What it does now, for the log.</summary>
    public string Step { get; private set; } = "";

    private string Who => $"{number}.{_walks}";

    /// <summary>Begins walks while it may, and ends the last one.</summary>
    public async Task RunAsync(Func<bool> goOn, CancellationToken stop)
    {
        using var client = new ArqClient(plan.Apis, _random);
        while (goOn())
        {
            _walks++;
            if (await WalkAsync(client, Dice(), stop)) history.Count("walks");
            await Task.Delay(_random.Next(20, 200), stop);
        }
    }

    /// <summary>One whole walk: two ARQs that are bound, given back, bound again, told to Nova and deleted.</summary>
    public async Task WalkOnceAsync(CancellationToken stop)
    {
        using var client = new ArqClient(plan.Apis, _random);
        while (!await WalkAsync(client, new Turns(Two: true, Unbind: true, AwaitEvent: true, Stay: false, ByInstance: true), stop))
            await Task.Delay(Look, stop);
    }

    /// <summary>Which ways a walk takes.</summary>
    private sealed record Turns(bool Two, bool Unbind, bool AwaitEvent, bool Stay, bool ByInstance);

    // Some stay bound, so that the end has something to look at.
    private Turns Dice() => new(_random.Next(4) == 0, _random.Next(4) == 0, _random.Next(2) == 0, _random.Next(14) == 0, _random.Next(2) == 0);

    /// <summary>One walk; false if it could not begin.</summary>
    private async Task<bool> WalkAsync(ArqClient client, Turns turns, CancellationToken stop)
    {
        Step = "create";
        var (answer, made) = await client.CreateAsync(turns.Two ? CrashPlan.TwoFpgas : CrashPlan.OneFpga, stop);
        Tell("create", made, answer, null);
        if (made.Count == 0) return false;
        foreach (var arq in made) _arqs.Add(arq, new Knowledge());

        if (!await BindAsync(client, made, stop)) return await DeleteAsync(client, made, null, stop);
        if (turns.Unbind)
        {
            await UntilAsync(made, Verb.Unbind, null, () => client.UnbindAsync(made, stop), stop);
            await LookAsync(client, made, stop);
            if (!await BindAsync(client, made, stop)) return await DeleteAsync(client, made, null, stop);
        }
        var instance = _binds[^1].Instance;
        if (turns.AwaitEvent)
        {
            Step = "await event";
            while (!made.All(arq => nova.Accepted(instance, arq, "completed"))) await Task.Delay(Look, stop);
        }
        return turns.Stay || await DeleteAsync(client, made, turns.ByInstance ? instance : null, stop);
    }

    /// <summary>Binds and waits until it is seen; false if there was no handle for it.</summary>
    private async Task<bool> BindAsync(ArqClient client, IReadOnlyList<Guid> made, CancellationToken stop)
    {
        var instance = Guid.NewGuid();
        var (host, provider) = plan.Hosts[_random.Next(plan.Hosts.Count)];
        while (true)
        {
            Step = $"bind to {instance}";
            var answer = await AskAsync(made, Verb.Bind, instance, () => client.BindAsync(made, host, provider, instance, stop));
            if (answer.Outcome is Outcome.Done or Outcome.Impossible) break;
            if (answer.Text.Contains("none free", StringComparison.Ordinal))
            {
                // An earlier try without an answer may still come true; the delete that follows ends that, too.
                return false;
            }
            await Task.Delay(_random.Next(100, 400), stop);
            // Nova would look whether its call was done after all; so do we.
            if (answer.Outcome == Outcome.Unknown && await SeenAtAsync(client, made, instance, stop)) break;
        }
        _binds.AddRange(made.Select(arq => new BindRecord(arq, instance)));
        return await UntilBoundAsync(client, made, instance, stop);
    }

    private async Task<bool> UntilBoundAsync(ArqClient client, IReadOnlyList<Guid> made, Guid instance, CancellationToken stop)
    {
        for (int looks = 1, misses = 0; ; looks++)
        {
            Step = $"await bound {instance}";
            await Task.Delay(Look * Math.Min(looks, 8), stop);
            if (await client.ListAsync(instance, stop) is not { } seen) continue;
            Judge(made, instance, seen);
            if (made.All(arq => seen.Any(one => one.Uuid == arq && one.State == "Bound")))
            {
                foreach (var one in seen) _handles[one.Uuid] = one.Handle ?? "";
                return true;
            }
            if (seen.Any(one => one.State == "BindFailed"))
            {
                history.Accuse(Who, $"the bind of {seen.First(one => one.State == "BindFailed").Uuid} failed, and no hardware did");
                return false;
            }
            // An acknowledgement that was refused as impossible, and nothing there: the bind is another one's, or a lie that Judge has told.
            if (seen.Count == 0 && ++misses > 12) return false;
        }
    }

    private async Task<bool> DeleteAsync(ArqClient client, IReadOnlyList<Guid> made, Guid? instance, CancellationToken stop)
    {
        if (instance is { } bound)
            await UntilAsync(made, Verb.DeleteByInstance, bound, () => client.DeleteByInstanceAsync(bound, stop), stop);
        // Also after a delete by instance, as Nova does; it may find nothing any more.
        await UntilAsync(made, Verb.Delete, null, () => client.DeleteAsync(made, stop), stop);
        await LookAsync(client, made, stop);
        return true;
    }

    /// <summary>Asks until there is an answer.</summary>
    private async Task UntilAsync(IReadOnlyList<Guid> made, Verb verb, Guid? instance, Func<Task<Answer>> ask, CancellationToken stop)
    {
        foreach (var bind in _binds.Where(bind => made.Contains(bind.Arq))) bind.Ended = true;
        while (true)
        {
            Step = $"{verb} {instance}";
            var answer = await AskAsync(made, verb, instance, ask);
            if (answer.Outcome is Outcome.Done or Outcome.Impossible or Outcome.Wrong) return;
            await Task.Delay(_random.Next(100, 400), stop);
        }
    }

    private async Task<Answer> AskAsync(IReadOnlyList<Guid> made, Verb verb, Guid? instance, Func<Task<Answer>> ask)
    {
        var answer = await ask();
        Tell(verb.ToString(), made, answer, instance);
        var asked = new Asked(verb, instance);
        if (answer.Outcome == Outcome.Impossible)
        {
            // Of several, one that can't is enough.
            var possible = made.Count(arq => !_arqs[arq].WasImpossible(asked));
            if (possible == made.Count) Lie(made[0], $"{verb} {instance} was refused without a cause: {answer.Text}");
            return answer;
        }
        foreach (var arq in made)
        {
            if (answer.Outcome == Outcome.Unknown) _arqs[arq].IsUnknown(asked);
            if (answer.Outcome == Outcome.Done && !_arqs[arq].WasDone(asked)) Lie(arq, $"{verb} {instance} was acknowledged, which can't be");
        }
        return answer;
    }

    private async Task<bool> SeenAtAsync(ArqClient client, IReadOnlyList<Guid> made, Guid instance, CancellationToken stop)
    {
        if (await client.ListAsync(instance, stop) is not { } seen) return false;
        Judge(made, instance, seen);
        return made.All(arq => seen.Any(one => one.Uuid == arq));
    }

    private void Judge(IReadOnlyList<Guid> made, Guid instance, IReadOnlyList<SeenArq> seen)
    {
        foreach (var arq in made)
        {
            var one = seen.FirstOrDefault(found => found.Uuid == arq);
            if (one is null)
            {
                if (!_arqs[arq].WasNotSeenAt(instance)) Lie(arq, $"it is not among those of {instance}");
            }
            else if (one.Place is not { } place || !_arqs[arq].WasSeen(place))
                Lie(arq, $"it is shown as {one.State} of {one.Instance}");
        }
    }

    private async Task LookAsync(ArqClient client, IReadOnlyList<Guid> made, CancellationToken stop)
    {
        foreach (var arq in made)
        {
            if (await client.ShowAsync(arq, stop) is not (true, var seen)) continue;
            Guid? instance = seen?.Instance;
            var place = seen is null ? Place.Absent : seen.Place;
            if (place is null || !_arqs[arq].WasSeen(place.Value)) Lie(arq, $"it is shown as {seen?.State ?? "gone"} of {instance}");
        }
    }

    private void Lie(Guid arq, string text) =>
        history.Accuse(Who, $"ARQ {arq}: {text}; it may be {string.Join(" or ", _arqs[arq].Places.Select(place => $"{place.Phase} {place.Instance}"))}");

    private void Tell(string what, IReadOnlyList<Guid> made, Answer answer, Guid? instance)
    {
        history.Count($"{what} {answer.Outcome}");
        var details = answer.Outcome == Outcome.Done ? "" : answer.Text;
        history.Note(what, Who, $"{answer.Outcome} {answer.Status} arqs={string.Join(',', made)} instance={instance} {details}");
        if (answer.Outcome == Outcome.Wrong) history.Accuse(Who, $"{what} of {string.Join(',', made)} was answered {answer.Status}: {answer.Text}");
    }
}

/// <summary>What walkers need to know.</summary>
/// <param name="Apis">Where they ask; any will do.</param>
/// <param name="Hosts">What they bind to.</param>
internal sealed record WalkPlan(IReadOnlyList<Uri> Apis, IReadOnlyList<(string Host, Guid Provider)> Hosts);

/// <summary>Profiles that every cloud of these tests has.</summary>
internal static class CrashPlan
{
    public const string OneFpga = "one-fpga";
    public const string TwoFpgas = "two-fpgas";
}
