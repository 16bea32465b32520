using Cyborg.Conductor.Requests;

namespace Cyborg.Conductor.Tests;

/// <summary>Calls that come at the same time are done together, and none waits for company.</summary>
public sealed class CombinedTests : IDisposable
{
    private readonly List<IReadOnlyList<string>> _groups = [];
    private readonly List<Exception> _failures = [];
    private readonly Queue<TaskCompletionSource<IReadOnlySet<string>>> _answers = new();
    private readonly SemaphoreSlim _begun = new(0);

    [Fact]
    public async Task A_call_alone_is_done_at_once()
    {
        var combined = Make();
        var call = combined.TryAsync("one");
        Answer("one");
        Assert.True(await call);
        Assert.Equal(["one"], Assert.Single(_groups));
    }

    [Fact]
    public async Task Calls_that_come_meanwhile_are_done_together_afterwards()
    {
        var combined = Make();
        var first = combined.TryAsync("one");
        await _begun.WaitAsync(TestContext.Current.CancellationToken);
        Task<bool>[] others = [combined.TryAsync("two"), combined.TryAsync("three")];
        Assert.Single(_groups);
        Answer("one");
        Assert.True(await first);
        await _begun.WaitAsync(TestContext.Current.CancellationToken);
        Answer("three");
        var done = await Task.WhenAll(others);
        Assert.Equal([false, true], done);
        Assert.Equal(["two", "three"], _groups[1]);
    }

    [Fact]
    public async Task A_failure_leaves_all_of_its_group_to_their_callers_and_the_next_goes_on()
    {
        var combined = Make();
        var first = combined.TryAsync("one");
        await _begun.WaitAsync(TestContext.Current.CancellationToken);
        var second = combined.TryAsync("two");
        _answers.Dequeue().SetException(new InvalidOperationException("broken"));
        Assert.False(await first);
        Assert.Equal("broken", Assert.Single(_failures).Message);
        await _begun.WaitAsync(TestContext.Current.CancellationToken);
        Answer("two");
        Assert.True(await second);
        // The group's own task may not have seen yet that nobody waits: then it begins with this one.
        var third = combined.TryAsync("three");
        await _begun.WaitAsync(TestContext.Current.CancellationToken);
        Answer("three");
        Assert.True(await third);
    }

    public void Dispose() => _begun.Dispose();

    private Combined<string> Make() => new(
        calls =>
        {
            lock (_groups)
                _groups.Add(calls);
            var answer = new TaskCompletionSource<IReadOnlySet<string>>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_answers)
                _answers.Enqueue(answer);
            _begun.Release();
            return answer.Task;
        },
        _failures.Add);

    private void Answer(params string[] done)
    {
        TaskCompletionSource<IReadOnlySet<string>>? answer;
        lock (_answers)
            answer = _answers.Dequeue();
        answer.SetResult(done.ToHashSet());
    }
}
