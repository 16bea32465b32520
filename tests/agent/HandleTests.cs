using Cyborg.Agent.Handles;
using Cyborg.Drivers;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Tests;

public sealed class HandleTests : IAsyncDisposable
{
    private readonly Stage _stage = new();
    private readonly ScriptedDriver _driver = new("one", ScriptedDriver.Device("01"));
    private AgentRoom _agent = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task An_attach_is_done_once_and_asked_again_answered_from_the_journal()
    {
        await StartAsync();
        var work = Work(1);
        Assert.Null((await AttachAsync(work)).Error);
        Assert.Null((await AttachAsync(work)).Error);
        Assert.Equal([$"attach {work.Handle.Info} {work.ArqUuid}"], _driver.HandleCalls);
        await RestartAsync();
        Assert.Null((await AttachAsync(work with { BootId = _agent.BootId })).Error);
        Assert.Single(_driver.HandleCalls);
        Assert.Single(_stage.Logs.Of(3070));
    }

    [Fact]
    public async Task A_handle_is_attached_and_detached_in_turn()
    {
        await StartAsync();
        var work = Work(1);
        await AttachAsync(work);
        await DetachAsync(work with { Generation = 2 });
        await AttachAsync(work with { Generation = 3, ArqUuid = Guid.NewGuid() });
        Assert.Equal(["attach", "detach", "attach"], _driver.HandleCalls.Select(call => call.Split(' ')[0]));
    }

    [Fact]
    public async Task A_command_for_an_earlier_start_is_stale()
    {
        await StartAsync();
        var work = Work(1);
        Assert.Equal(FaultCode.StaleCommand, await FaultAsync(Verbs.AttachHandle, work with { BootId = Guid.NewGuid() }));
        await RestartAsync();
        Assert.Equal(FaultCode.StaleCommand, await FaultAsync(Verbs.AttachHandle, work));
        Assert.Empty(_driver.HandleCalls);
    }

    [Fact]
    public async Task A_lower_generation_is_stale_after_a_restart_too()
    {
        await StartAsync();
        var work = Work(5);
        await DetachAsync(work);
        Assert.Equal(FaultCode.StaleCommand, await FaultAsync(Verbs.AttachHandle, work with { Generation = 4 }));
        await RestartAsync();
        Assert.Equal(FaultCode.StaleCommand, await FaultAsync(Verbs.AttachHandle, work with { Generation = 4, BootId = _agent.BootId }));
        Assert.Single(_driver.HandleCalls);
        Assert.Equal(2, _stage.Logs.Of(3072).Count());
    }

    [Fact]
    public async Task A_driver_that_attaches_nothing_to_its_host_says_so_and_has_nothing_to_undo()
    {
        await StartAsync();
        var work = Work(1);
        Assert.Equal(FaultCode.NotSupportedByDriver, await FaultAsync(Verbs.AttachToHost, work));
        Assert.Null((await _stage.CallAsync(Verbs.DetachFromHost, work with { Generation = 2 })).Error);
        Assert.Empty(_driver.HandleCalls);
    }

    [Fact]
    public async Task Other_work_by_the_same_generation_is_refused()
    {
        await StartAsync();
        var work = Work(5);
        await AttachAsync(work);
        Assert.Equal(FaultCode.InvalidInput, await FaultAsync(Verbs.DetachHandle, work));
        Assert.Equal(FaultCode.InvalidInput, await FaultAsync(Verbs.AttachHandle, work with { ArqUuid = Guid.NewGuid() }));
    }

    [Fact]
    public async Task The_same_command_joins_the_one_in_flight()
    {
        var (started, release) = (Signal(), Signal());
        _driver.OnAttach = async (_, _) =>
        {
            started.SetResult();
            await release.Task;
            return DriverOutcome.Done;
        };
        await StartAsync();
        var work = Work(1);
        var first = AttachAsync(work);
        await started.Task.Soon();
        var second = AttachAsync(work);
        Assert.Equal(FaultCode.StaleCommand, await FaultAsync(Verbs.DetachHandle, work with { Generation = 0 }));
        release.SetResult();
        Assert.Null((await first).Error);
        Assert.Null((await second).Error);
        Assert.Single(_driver.HandleCalls);
    }

    [Fact]
    public async Task A_higher_generation_is_in_the_journal_at_once_and_waits_for_the_one_in_flight()
    {
        var (started, release) = (Signal(), Signal());
        _driver.OnAttach = async (_, _) =>
        {
            started.SetResult();
            await release.Task;
            return DriverOutcome.Done;
        };
        await StartAsync();
        var work = Work(1);
        var attach = AttachAsync(work);
        await started.Task.Soon();
        var detach = DetachAsync(work with { Generation = 2 });
        await JournalHasAsync("\"generation\":2");
        Assert.Equal(FaultCode.StaleCommand, await FaultAsync(Verbs.AttachHandle, work));
        Assert.Single(_driver.HandleCalls);
        release.SetResult();
        Assert.Null((await attach).Error);
        Assert.Null((await detach).Error);
        Assert.Equal(["attach", "detach"], _driver.HandleCalls.Select(call => call.Split(' ')[0]));
        Assert.Contains("\"generation\":2", await JournalAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("in_flight", (await JournalAsync()).ToLowerInvariant(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_attach_is_told_again_and_a_failed_detach_is_tried_again()
    {
        var failures = 0;
        _driver.OnAttach = (_, _) => Task.FromResult(DriverOutcome.Failed("no power"));
        _driver.OnDetach = (_, _) => Task.FromResult(++failures < 3 ? DriverOutcome.Failed("busy") : DriverOutcome.Done);
        await StartAsync();
        var work = Work(1);
        Assert.Equal("no power", (await AttachAsync(work)).Error);
        await RestartAsync();
        work = work with { BootId = _agent.BootId };
        Assert.Equal("no power", (await AttachAsync(work)).Error);
        Assert.Single(_driver.HandleCalls);
        var detach = work with { Generation = 2 };
        Assert.Equal("busy", (await DetachAsync(detach)).Error);
        Assert.Equal("busy", (await DetachAsync(detach)).Error);
        Assert.Null((await DetachAsync(detach)).Error);
        Assert.Null((await DetachAsync(detach)).Error);
        Assert.Equal(3, failures);
    }

    [Fact]
    public async Task A_driver_that_breaks_is_a_failure_without_its_text()
    {
        _driver.OnAttach = (_, _) => throw new InvalidOperationException("a secret of the driver");
        await StartAsync();
        Assert.Equal("one broke; the agent's log says how.", (await AttachAsync(Work(1))).Error);
        _driver.OnAttach = (_, _) => throw new DriverException("told");
        Assert.Equal("told", (await AttachAsync(Work(1))).Error);
    }

    [Fact]
    public async Task A_device_or_driver_that_is_not_here_is_a_fault_and_leaves_no_trace()
    {
        await StartAsync();
        var work = Work(3);
        Assert.Equal(FaultCode.DeviceNotFound, await FaultAsync(Verbs.AttachHandle, work with { ControlPath = ScriptedDriver.Path("99") }));
        Assert.Equal(FaultCode.NotSupportedByDriver, await FaultAsync(Verbs.AttachHandle, work with { Driver = "two" }));
        Assert.Null((await AttachAsync(work with { Generation = 2 })).Error);
    }

    [Fact]
    public async Task A_detach_for_a_device_that_is_gone_is_its_drivers_to_judge()
    {
        _driver.OnDetach = (call, _) => Task.FromResult(DriverOutcome.Failed($"nothing at {call.Device.CpidInfo}"));
        await StartAsync();
        var work = Work(3) with { ControlPath = ScriptedDriver.Path("99") };
        Assert.Contains("nothing at", (await DetachAsync(work)).Error, StringComparison.Ordinal);
        Assert.Equal(FaultCode.NotSupportedByDriver, await FaultAsync(Verbs.DetachHandle, work with { Generation = 4, Driver = "two" }));
    }

    [Fact]
    public async Task Handles_are_worked_on_at_once_up_to_a_bound()
    {
        var (started, release) = (new SemaphoreSlim(0), Signal());
        var (now, most) = (0, 0);
        _driver.OnAttach = async (_, _) =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref now));
            started.Release();
            await release.Task;
            Interlocked.Decrement(ref now);
            return DriverOutcome.Done;
        };
        await StartAsync();
        var all = Enumerable.Range(0, 2 * HandleCommands.AtOnce).Select(n => AttachAsync(Work(1))).ToList();
        for (var i = 0; i < HandleCommands.AtOnce; i++)
            Assert.True(await started.WaitAsync(Waiting.Patience, Token));
        release.SetResult();
        Assert.All(await Task.WhenAll(all), result => Assert.Null(result.Error));
        Assert.Equal(HandleCommands.AtOnce, most);
    }

    [Fact]
    public async Task Work_that_a_stop_has_cut_off_stays_in_flight_and_runs_again_only_when_it_is_asked_for()
    {
        var started = Signal();
        _driver.OnAttach = async (_, stop) =>
        {
            started.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, stop);
            return DriverOutcome.Done;
        };
        await StartAsync();
        var work = Work(1);
        var cut = AttachAsync(work);
        await started.Task.Soon();
        await _agent.DisposeAsync().AsTask().Soon();
        Assert.Equal(FaultCode.Unavailable, (await Assert.ThrowsAsync<FaultException>(() => cut)).Code);
        _driver.OnAttach = (_, _) => Task.FromResult(DriverOutcome.Done);
        await RestartAsync();
        Assert.Single(_driver.HandleCalls);
        Assert.Single(_stage.Logs.Of(3064));
        Assert.Null((await AttachAsync(work with { BootId = _agent.BootId })).Error);
        Assert.Equal(2, _driver.HandleCalls.Count);
    }

    [Fact]
    public async Task Nothing_is_done_that_cannot_be_journaled()
    {
        await StartAsync();
        var (work, block) = (Work(1), Path.Combine(_stage.Folder, "agent", "journal.json.new"));
        Directory.CreateDirectory(block);
        Assert.Equal(FaultCode.Unavailable, await FaultAsync(Verbs.AttachHandle, work));
        Assert.Empty(_driver.HandleCalls);
        Assert.Single(_stage.Logs.Of(3063));
        Directory.Delete(block);
        Assert.Null((await AttachAsync(work)).Error);
    }

    [Fact]
    public async Task An_outcome_that_cannot_be_journaled_is_not_told_and_asked_again_is_done_again()
    {
        var block = Path.Combine(_stage.Folder, "agent", "journal.json.new");
        _driver.OnAttach = (_, _) =>
        {
            Directory.CreateDirectory(block);
            return Task.FromResult(DriverOutcome.Done);
        };
        await StartAsync();
        var work = Work(1);
        Assert.Equal(FaultCode.Unavailable, await FaultAsync(Verbs.AttachHandle, work));
        Directory.Delete(block);
        _driver.OnAttach = (_, _) => Task.FromResult(DriverOutcome.Done);
        Assert.Null((await AttachAsync(work)).Error);
        Assert.Equal(2, _driver.HandleCalls.Count);
    }

    private async Task StartAsync()
    {
        await _stage.StartConductorAsync();
        await RestartAsync();
    }

    private async Task RestartAsync()
    {
        if (_agent is not null)
            await _agent.DisposeAsync();
        _agent = await _stage.StartAgentAsync(_driver);
        await _agent.FirstReport.Soon();
    }

    private HandleWork Work(long generation)
    {
        var handle = Guid.NewGuid();
        return new HandleWork(
            handle, Guid.NewGuid(), generation, _agent.BootId, "one", "d-01", ScriptedDriver.Path("01"),
            new DriverAttachHandle(AttachHandleType.MDEV, $$"""{"handle": "{{handle}}"}""", HostWork: true));
    }

    private Task<HandleWorkResult> AttachAsync(HandleWork work) => _stage.CallAsync(Verbs.AttachHandle, work);

    private Task<HandleWorkResult> DetachAsync(HandleWork work) => _stage.CallAsync(Verbs.DetachHandle, work);

    private async Task<FaultCode> FaultAsync(Verb<HandleWork, HandleWorkResult> verb, HandleWork work) =>
        (await Assert.ThrowsAsync<FaultException>(() => _stage.CallAsync(verb, work))).Code;

    private Task<string> JournalAsync() => File.ReadAllTextAsync(Path.Combine(_stage.Folder, "agent", "journal.json"), Token);

    private async Task JournalHasAsync(string text)
    {
        using var patience = new CancellationTokenSource(Waiting.Patience);
        while (!(await JournalAsync()).Contains(text, StringComparison.Ordinal))
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = most; seen < value; seen = most)
            Interlocked.CompareExchange(ref most, value, seen);
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
