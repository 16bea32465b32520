using Cyborg.Drivers;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Tests;

public sealed class StopTests : IAsyncDisposable
{
    private readonly Stage _stage = new();

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task An_agent_that_never_started_can_be_disposed()
    {
        var agent = _stage.Agent(new ScriptedDriver("one"));
        await agent.DisposeAsync();
        await agent.DisposeAsync();
    }

    [Fact]
    public async Task Stopping_while_there_is_no_conductor_cancels_the_first_report()
    {
        var agent = await _stage.StartAgentAsync(new ScriptedDriver("one"));
        await _stage.Time.TimerAsync(0.5, 1).Soon();
        await agent.DisposeAsync().AsTask().Soon();
        Assert.True(agent.FirstReport.IsCanceled);
        Assert.Single(_stage.Logs.Of(3001));
    }

    [Fact]
    public async Task Stopping_ends_a_discovery_that_runs()
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var agent = await _stage.StartAgentAsync(new ScriptedDriver("one")
        {
            OnDiscover = async stop =>
            {
                started.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, stop);
                return DriverFindings.None;
            },
        });
        await started.Task.Soon();
        await agent.DisposeAsync().AsTask().Soon();
        Assert.True(agent.FirstReport.IsCanceled);
    }

    [Fact]
    public async Task Stopping_cancels_an_install_and_tells_its_caller()
    {
        await _stage.StartConductorAsync();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var agent = await _stage.StartAgentAsync(new ScriptedDriver("one", ScriptedDriver.Device("01"))
        {
            OnInstall = async (_, stop) =>
            {
                started.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, stop);
                return DriverOutcome.Done;
            },
        });
        await agent.FirstReport.Soon();
        var request = new InstallDevice(Guid.NewGuid(), "one", ScriptedDriver.Path("01"));
        var call = _stage.CallAsync(Verbs.InstallDevice, request);
        await started.Task.Soon();
        await agent.DisposeAsync().AsTask().Soon();
        Assert.Equal(FaultCode.Unavailable, (await Assert.ThrowsAsync<FaultException>(() => call)).Code);
        Assert.Equal(FaultCode.NoResponder, (await Assert.ThrowsAsync<FaultException>(() => _stage.CallAsync(Verbs.InstallDevice, request))).Code);
    }

    [Fact]
    public async Task Stopping_during_an_install_of_the_agents_own_reports_nothing()
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _stage.OnReport = _ => new InventoryReply([new InstallDevice(Guid.NewGuid(), "one", ScriptedDriver.Path("01"))], 0);
        await _stage.StartConductorAsync();
        var agent = await _stage.StartAgentAsync(new ScriptedDriver("one", ScriptedDriver.Device("01"))
        {
            OnInstall = async (_, stop) =>
            {
                started.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, stop);
                return DriverOutcome.Done;
            },
        });
        await started.Task.Soon();
        await agent.DisposeAsync().AsTask().Soon();
        Assert.Single(_stage.Logs.Of(3022));
    }

    [Fact]
    public async Task A_driver_that_ignores_the_stop_is_left_behind()
    {
        var never = new TaskCompletionSource<DriverOutcome>();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var work = new Devices.DeviceWork(_stage.Time, _stage.Logs);
        var waiting = work.RunAsync("one", ScriptedDriver.Path("01"), "install", _ =>
        {
            started.SetResult();
            return never.Task;
        }, CancellationToken.None);
        await started.Task.Soon();
        var stop = work.DisposeAsync().AsTask();
        await _stage.Time.TimerAsync(10, 10).Soon();
        _stage.Time.Advance(10);
        await stop.Soon();
        Assert.Single(_stage.Logs.Of(3041));
        await Assert.ThrowsAsync<FaultException>(
            () => work.RunAsync("one", ScriptedDriver.Path("02"), "install", _ => Task.FromResult(DriverOutcome.Done), CancellationToken.None));
        never.SetResult(DriverOutcome.Done);
        await waiting.Soon();
    }
}
