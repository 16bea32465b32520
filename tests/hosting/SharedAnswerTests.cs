namespace Cyborg.Hosting.Tests;

public sealed class SharedAnswerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_comes_while_a_question_is_asked_gets_the_next_answer_together_with_others()
    {
        var (asked, answers) = (0, new[] { new TaskCompletionSource<int>(), new TaskCompletionSource<int>() });
        var began = new TaskCompletionSource();
        var shared = new SharedAnswer<int>(() =>
        {
            began.TrySetResult();
            return answers[asked++].Task;
        });
        var first = shared.AskAsync(Stop);
        await began.Task;
        var (second, third) = (shared.AskAsync(Stop), shared.AskAsync(Stop));
        answers[0].SetResult(1);
        answers[1].SetResult(2);
        Assert.Equal((1, 2, 2), (await first, await second, await third));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_question_that_fails_fails_for_those_who_asked_it_and_no_one_else()
    {
        var asked = 0;
        var shared = new SharedAnswer<int>(() => asked++ == 0 ? throw new IOException("away") : Task.FromResult(asked));
        await Assert.ThrowsAsync<IOException>(() => shared.AskAsync(Stop));
        Assert.Equal(2, await shared.AskAsync(Stop));
    }

    [Fact]
    public async Task Who_gives_up_does_not_end_the_question_for_others()
    {
        var answer = new TaskCompletionSource<int>();
        var shared = new SharedAnswer<int>(() => answer.Task);
        using var impatient = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var (one, other) = (shared.AskAsync(impatient.Token), shared.AskAsync(Stop));
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        answer.SetResult(5);
        Assert.Equal(5, await other);
    }

    [Fact]
    public async Task Nobody_gets_an_answer_that_was_looked_for_before_they_asked()
    {
        var (world, underWay, asked) = (0, 0, 0);
        var shared = new SharedAnswer<int>(async () =>
        {
            Assert.Equal(1, Interlocked.Increment(ref underWay));
            Interlocked.Increment(ref asked);
            var seen = Volatile.Read(ref world);
            await Task.Yield();
            Interlocked.Decrement(ref underWay);
            return seen;
        });
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(
            async () =>
            {
                for (var n = 0; n < 500; n++)
                {
                    var now = Interlocked.Increment(ref world);
                    Assert.InRange(await shared.AskAsync(Stop), now, int.MaxValue);
                }
            },
            Stop)));
        Assert.InRange(asked, 1, 8000);
    }

    [Fact]
    public async Task A_question_after_the_first_is_nobodys_own()
    {
        var own = new AsyncLocal<string?>();
        var (seen, answers) = (new List<string?>(), new[] { new TaskCompletionSource<int>(), new TaskCompletionSource<int>() });
        var shared = new SharedAnswer<int>(() =>
        {
            seen.Add(own.Value);
            return answers[seen.Count - 1].Task;
        });
        own.Value = "first";
        var first = shared.AskAsync(Stop);
        own.Value = "second";
        var second = shared.AskAsync(Stop);
        // As an answer of the bus comes in: on a thread that is nobody's.
        ThreadPool.UnsafeQueueUserWorkItem(_ => answers[0].SetResult(1), null);
        answers[1].SetResult(2);
        Assert.Equal((1, 2), (await first, await second));
        Assert.Equal(["first", null], seen);
        Assert.Equal("second", own.Value);
    }

    [Fact]
    public async Task Nothing_is_asked_when_nobody_waits()
    {
        var asked = 0;
        var shared = new SharedAnswer<int>(() => Task.FromResult(++asked));
        Assert.Equal(1, await shared.AskAsync(Stop));
        Assert.Equal(2, await shared.AskAsync(Stop));
        Assert.Equal(2, asked);
    }
}
