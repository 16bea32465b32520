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
}
