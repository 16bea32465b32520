namespace Cyborg.Messaging.Tests;

/// <summary>The pure parts: frames, assemblies, re-sends, pools.</summary>
public sealed class DecisionTests
{
    private static Frame Part(int sequence, int length, bool last = false) => new(FrameKind.Part, last, sequence, default, new byte[length]);

    [Fact]
    public void A_frame_is_read_as_it_was_written()
    {
        var frame = new Frame(FrameKind.Part, true, 0x01020304, "head"u8.ToArray(), "body"u8.ToArray());
        Assert.Equal(FrameCheck.Good, Frame.Read(frame.ToArray(), out var read));
        Assert.Equal((frame.Kind, frame.Last, frame.Sequence), (read.Kind, read.Last, read.Sequence));
        Assert.Equal("head"u8.ToArray(), read.Header.ToArray());
        Assert.Equal("body"u8.ToArray(), read.Body.ToArray());
    }

    [Fact]
    public void The_layout_of_a_frame_is_fixed()
    {
        var bytes = new Frame(FrameKind.Call, true, 5, "{}"u8.ToArray(), "x"u8.ToArray()).ToArray();
        Assert.Equal("C7420101010000000500000002000000" + "7B7D" + "78", Convert.ToHexString(bytes));
    }

    [Fact]
    public void An_assembly_is_complete_with_its_last_part()
    {
        var assembly = new MessageAssembly(10, new byte[4], window: 2);
        Assert.Equal(AssemblyState.More, assembly.Accept(Part(1, 4)));
        Assert.Equal(AssemblyState.Complete, assembly.Accept(Part(2, 2, last: true)));
        Assert.Equal(10, assembly.Body.Length);
    }

    [Theory]
    [InlineData(2, 2, false)] // a gap
    [InlineData(0, 2, false)] // a repetition
    [InlineData(1, 0, false)] // nothing
    [InlineData(1, 7, false)] // too much
    [InlineData(1, 2, true)] // the last, but too little
    [InlineData(1, 6, false)] // all, but not the last
    public void A_part_that_does_not_fit_breaks_an_assembly(int sequence, int length, bool last) =>
        Assert.Equal(AssemblyState.Broken, new MessageAssembly(10, new byte[4], window: 2).Accept(Part(sequence, length, last)));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void Credit_never_runs_dry_and_never_exceeds_the_window(int window)
    {
        const int Parts = 50;
        var assembly = new MessageAssembly(1 + Parts, new byte[1], window);
        for (var sequence = 1; sequence <= Parts; sequence++)
        {
            Assert.InRange(assembly.Credit, sequence + 1, sequence + window);
            assembly.Accept(Part(sequence, 1, last: sequence == Parts));
        }
    }

    [Fact]
    public async Task A_gate_opens_with_credit_and_keeps_its_first_address()
    {
        var gate = new CreditGate();
        gate.Grant(2, "first");
        gate.Grant(1, "late");
        Assert.Equal("first", await gate.WaitAsync(1, Patience.Most, TimeProvider.System, TestContext.Current.CancellationToken));
        var waiting = gate.WaitAsync(2, Patience.Most, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        gate.Grant(3, "second");
        Assert.Equal("first", await waiting);
    }

    [Fact]
    public async Task A_gate_gives_up_after_a_bounded_wait()
    {
        var time = new ManualTime();
        var waiting = new CreditGate().WaitAsync(1, TimeSpan.FromSeconds(5), time, TestContext.Current.CancellationToken).AsTask();
        time.Advance(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<TimeoutException>(() => waiting);
    }

    [Fact]
    public void A_budget_never_gives_more_than_it_has()
    {
        var budget = new MemoryBudget(10);
        var first = budget.TryReserve(8);
        Assert.NotNull(first);
        Assert.Null(budget.TryReserve(3));
        first.Dispose();
        first.Dispose();
        Assert.Equal(0, budget.Used);
        Assert.NotNull(budget.TryReserve(10));
    }

    [Fact]
    public void An_attempts_outcome_decides_the_next_step()
    {
        static void Check(AttemptOutcome outcome, bool mutating, bool mayBeAccepted, bool busyRetried, NextStep next) =>
            Assert.Equal(next, ResendPolicy.Decide(outcome, mutating, mayBeAccepted, busyRetried));

        Check(AttemptOutcome.Reply, true, false, false, NextStep.End);
        Check(AttemptOutcome.Fault, true, true, true, NextStep.End);
        Check(AttemptOutcome.Lost, true, false, false, NextStep.Resend);
        Check(AttemptOutcome.Lost, false, true, true, NextStep.Resend);
        Check(AttemptOutcome.Busy, true, false, false, NextStep.ResendAfterBusyDelay);
        Check(AttemptOutcome.Busy, true, false, true, NextStep.End);
        Check(AttemptOutcome.NoResponder, true, false, false, NextStep.End);
        Check(AttemptOutcome.NoResponder, false, true, false, NextStep.End);
        // After a lost attempt a refusal says nothing about the first one.
        Check(AttemptOutcome.NoResponder, true, true, false, NextStep.ResendAfterAttemptTimeout);
        Check(AttemptOutcome.Unreachable, true, true, false, NextStep.ResendAfterAttemptTimeout);
        Check(AttemptOutcome.Busy, true, true, true, NextStep.ResendAfterAttemptTimeout);
    }

    [Fact]
    public async Task A_pool_runs_so_many_queues_so_many_and_refuses_the_rest()
    {
        var pool = new HandlerPool(new PoolOptions(2, 3));
        var (release, running, most) = (new TaskCompletionSource(), 0, 0);
        async Task Work()
        {
            var now = Interlocked.Increment(ref running);
            most = Math.Max(most, now);
            await release.Task;
            Interlocked.Decrement(ref running);
        }
        Assert.Equal([true, true, true, true, true, false], Enumerable.Range(0, 6).Select(_ => pool.TryRun(Work)));
        Assert.False(pool.HasRoom);
        var idle = pool.WhenIdle();
        Assert.False(idle.IsCompleted);
        release.SetResult();
        await idle;
        Assert.InRange(most, 1, 2);
        Assert.True(pool.HasRoom);
    }
}
