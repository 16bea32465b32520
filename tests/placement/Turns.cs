using System.Threading.Channels;

namespace Cyborg.Placement.Tests;

/// <summary>Runs some actors one step at a time, in every order in which their steps can come.</summary>
internal sealed class Turns
{
    private readonly List<TaskCompletionSource?> _parked = [];
    private readonly Channel<bool> _still = Channel.CreateUnbounded<bool>();
    private readonly List<string> _history = [];

    /// <summary>Which actor took which step, for messages.</summary>
    public string History => string.Join(", ", _history);

    /// <summary>Awaited by an actor before each step that others could come before.</summary>
    public Task StepAsync(int actor, string what)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var granted = turn.Task.ContinueWith(_ => _history.Add(what), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        _parked[actor] = turn;
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
            var turns = new Turns();
            var (actors, check) = scenario(turns);
            await turns.PlayAsync(actors, choices);
            try
            {
                check();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"Order {orders}: {turns.History}: {e.Message}", e);
            }
            while (choices.Count > 0 && choices[^1].Choice + 1 == choices[^1].Of)
                choices.RemoveAt(choices.Count - 1);
            if (choices.Count == 0)
                return orders;
            choices[^1] = (choices[^1].Choice + 1, choices[^1].Of);
        }
    }

    private async Task PlayAsync(IReadOnlyList<Func<Task>> actors, List<(int Choice, int Of)> choices)
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
            var ready = Enumerable.Range(0, actors.Count).Where(index => _parked[index] is not null).ToList();
            if (ready.Count == 0)
                break;
            if (decision == choices.Count)
                choices.Add((0, ready.Count));
            var chosen = ready[choices[decision].Choice];
            var turn = _parked[chosen]!;
            _parked[chosen] = null;
            turn.SetResult();
            await _still.Reader.ReadAsync(Bench.Token);
        }
        await Task.WhenAll(running);
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
