using System.Threading.Channels;

namespace Cyborg.Placement.Tests;

/// <summary>Runs some actors one step at a time, in every order in which their steps can come.</summary>
internal sealed class Turns
{
    private readonly List<(TaskCompletionSource Turn, Func<bool> When)?> _parked = [];
    private readonly Channel<bool> _still = Channel.CreateUnbounded<bool>();
    private readonly List<string> _history = [];

    /// <summary>Which actor took which step, for messages.</summary>
    public string History => string.Join(", ", _history);

    /// <summary>Awaited by an actor before each step that others could come before.</summary>
    /// <param name="actor">Its number.</param>
    /// <param name="what">The step, for messages.</param>
    /// <param name="when">The step cannot come before this holds; if it never does, the actor stays there.</param>
    public Task StepAsync(int actor, string what, Func<bool>? when = null)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var granted = turn.Task.ContinueWith(_ => _history.Add(what), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        _parked[actor] = (turn, when ?? (() => true));
        _still.Writer.TryWrite(true);
        return granted;
    }

    /// <summary>Plays a scenario in every order, and returns how many there are.</summary>
    /// <param name="scenario">Makes a new world and its actors; what it returns last is called when all have ended.</param>
    public static async Task<int> ExploreAsync(Func<Turns, (IReadOnlyList<Func<Task>> Actors, Action Check)> scenario)
    {
        var choices = new List<(int Choice, int Of)>();
        for (var orders = 1; ; orders++)
        {
            await PlayAsync(scenario, $"order {orders}", (decision, of) =>
            {
                if (decision == choices.Count)
                    choices.Add((0, of));
                return choices[decision].Choice;
            });
            while (choices.Count > 0 && choices[^1].Choice + 1 == choices[^1].Of)
                choices.RemoveAt(choices.Count - 1);
            if (choices.Count == 0)
                return orders;
            choices[^1] = (choices[^1].Choice + 1, choices[^1].Of);
        }
    }

    /// <summary>Plays a scenario in some orders of so many that not all can be played.</summary>
    public static async Task SampleAsync(int count, Func<Turns, (IReadOnlyList<Func<Task>> Actors, Action Check)> scenario)
    {
        var first = Random.Shared.Next();
        for (var seed = first; seed < first + count; seed++)
        {
            var random = new Random(seed);
            await PlayAsync(scenario, $"seed {seed}", (_, of) => random.Next(of));
        }
    }

    private static async Task PlayAsync(
        Func<Turns, (IReadOnlyList<Func<Task>> Actors, Action Check)> scenario, string name, Func<int, int, int> choose)
    {
        var turns = new Turns();
        var (actors, check) = scenario(turns);
        try
        {
            await turns.PlayAsync(actors, choose);
            check();
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"In {name}: {turns.History}: {e.Message}", e);
        }
    }

    private async Task PlayAsync(IReadOnlyList<Func<Task>> actors, Func<int, int, int> choose)
    {
        var running = new List<Task>();
        for (var i = 0; i < actors.Count; i++)
        {
            _parked.Add(null);
            var (actor, index) = (actors[i], i);
            running.Add(Task.Run(() => RunAsync(actor, index)));
            await _still.Reader.ReadAsync(Bench.Token);
        }
        for (var decision = 0; ; decision++)
        {
            var ready = Enumerable.Range(0, actors.Count).Where(index => _parked[index] is { } parked && parked.When()).ToList();
            if (ready.Count == 0)
                break;
            var chosen = ready[choose(decision, ready.Count)];
            var turn = _parked[chosen]!.Value.Turn;
            _parked[chosen] = null;
            turn.SetResult();
            await _still.Reader.ReadAsync(Bench.Token);
        }
        await Task.WhenAll(running.Where((_, index) => _parked[index] is null));
    }

    private async Task RunAsync(Func<Task> actor, int index)
    {
        try
        {
            await actor();
        }
        finally
        {
            _parked[index] = null;
            _still.Writer.TryWrite(true);
        }
    }
}
