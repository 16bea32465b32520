using Cyborg.Model;

namespace Cyborg.Messaging.Tests;

public sealed class AnswerBoxTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(1);

    private readonly AnswerBox _box = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Answer Lost(string text) => Answer.Of(new FaultException(FaultCode.ProtocolError, text));

    [Fact]
    public async Task Answers_come_in_their_order_before_and_during_the_wait()
    {
        Assert.True(_box.TryPut(Lost("1")));
        Assert.True(_box.TryPut(Lost("2")));
        Assert.Equal("1", (await _box.TakeAsync(s_long, TimeProvider.System, Token))?.Fault?.Message);
        Assert.Equal("2", (await _box.TakeAsync(s_long, TimeProvider.System, Token))?.Fault?.Message);
        var waiting = _box.TakeAsync(s_long, TimeProvider.System, Token).AsTask();
        Assert.False(waiting.IsCompleted);
        _box.TryPut(Lost("3"));
        _box.TryPut(Lost("4"));
        Assert.Equal("3", (await waiting)?.Fault?.Message);
        Assert.Equal("4", (await _box.TakeAsync(s_long, TimeProvider.System, Token))?.Fault?.Message);
    }

    [Fact]
    public async Task A_wait_that_is_over_takes_nothing_and_loses_nothing()
    {
        var time = new ManualTime();
        var waiting = _box.TakeAsync(TimeSpan.FromSeconds(1), time, Token).AsTask();
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await waiting);
        _box.TryPut(Lost("late"));
        Assert.Equal("late", (await _box.TakeAsync(s_long, time, Token))?.Fault?.Message);
    }

    [Fact]
    public async Task Who_gives_up_is_told_so()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var waiting = _box.TakeAsync(s_long, TimeProvider.System, stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public void A_closed_box_lets_go_of_what_nobody_took_and_takes_no_more()
    {
        var budget = new MemoryBudget(100);
        Assert.True(_box.TryPut(Answer.Of(new Received(new byte[40], budget.TryReserve(40)))));
        Assert.True(_box.TryPut(Answer.Of(new Received(new byte[50], budget.TryReserve(50)))));
        _box.Close();
        Assert.Equal(0, budget.Used);
        Assert.False(_box.TryPut(Lost("late")));
    }

    [Fact]
    public async Task An_answer_does_not_run_the_waiter_on_its_bringers_thread()
    {
        var ran = 0;
        var waiting = WaitAsync();
        // A waiter that ran in here would wait for this lock's holder, which is this thread: it would get in.
        lock (_box)
        {
            _box.TryPut(Lost("1"));
            Assert.Equal(0, Volatile.Read(ref ran));
        }
        await waiting;
        Assert.Equal(1, ran);

        async Task WaitAsync()
        {
            await _box.TakeAsync(s_long, TimeProvider.System, Token).ConfigureAwait(false);
            lock (_box)
                ran++;
        }
    }
}
