using System.Threading.Channels;
using Cyborg.Agent.Accelerators;
using Cyborg.Drivers;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Agent.Tests;

/// <summary>Health probes: once in each cycle, beside everything else, and only what has changed is told.</summary>
public sealed class HealthTests : IAsyncDisposable
{
    private static readonly ProbeDevice Device = new(Guid.NewGuid(), "one", ScriptedDriver.Path("01"), Ill: false);

    private readonly Stage _stage = new();
    private readonly Channel<GetProbes> _asked = Channel.CreateUnbounded<GetProbes>();
    private readonly Channel<(ReportProbe Report, int Probes)> _told = Channel.CreateUnbounded<(ReportProbe, int)>();
    private readonly List<IAsyncDisposable> _open = [];
    private volatile IReadOnlyList<ProbeDevice> _devices = [Device];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var one in _open)
            await one.DisposeAsync();
        await _stage.DisposeAsync();
    }

    [Theory]
    [InlineData(false, true, 0, false, 0)]
    [InlineData(false, false, 0, true, 0)]
    [InlineData(true, false, 2, false, 0)]
    [InlineData(true, true, 0, false, 1)]
    [InlineData(true, true, 1, false, 2)]
    [InlineData(true, true, 2, true, 3)]
    [InlineData(true, true, 3, true, 3)]
    public void One_bad_probe_makes_ill_and_three_good_ones_in_a_row_make_well(bool ill, bool good, int streak, bool tell, int next) =>
        Assert.Equal(new HealthVerdict(tell, next), HealthRules.Judge(ill, good, streak, needed: 3));

    [Fact]
    public async Task An_ill_device_is_told_and_is_well_after_three_good_cycles()
    {
        var driver = new ProbedDriver();
        driver.OnProbe = (_, _) => Task.FromResult(driver.Probes <= 2 ? DriverOutcome.Failed("too hot") : DriverOutcome.Done);
        var agent = await StartAsync(driver);
        Assert.Equal(new ReportProbe(Device.DeviceUuid, "too hot"), await ToldAsync());
        _devices = [Device with { Ill = true }];
        for (var cycle = 2; cycle <= 5; cycle++)
            await CycleAsync(agent);
        // One told of the illness, one found it still there, and three were good: the word comes with the last of them.
        Assert.Equal((new ReportProbe(Device.DeviceUuid, null), 5), await _told.Reader.ReadAsync(Token).AsTask().Soon());
    }

    [Fact]
    public async Task A_word_that_was_lost_is_said_again_in_the_next_cycle()
    {
        var agent = await StartAsync(new ProbedDriver { OnProbe = (_, _) => Task.FromResult(DriverOutcome.Failed("too hot")) });
        Assert.Equal("too hot", (await ToldAsync()).Error);
        // The conductor has it as healthy still.
        await CycleAsync(agent);
        Assert.Equal("too hot", (await ToldAsync()).Error);
    }

    [Fact]
    public async Task A_probe_that_hangs_makes_ill_and_holds_up_no_report()
    {
        var hanging = new TaskCompletionSource<DriverOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var driver = new ProbedDriver { OnProbe = (_, _) => hanging.Task };
        var agent = await StartAsync(driver);
        await _stage.Time.TimerAsync(77, 77).Soon();
        agent.Nudge();
        await _stage.ReportAsync();
        _stage.Time.Advance(77);
        Assert.Equal("Its health probe did not answer within 77 seconds.", (await ToldAsync()).Error);
        await CycleAsync(agent);
        Assert.Equal("A former health probe has not ended yet.", (await ToldAsync()).Error);
        Assert.Equal(1, driver.Probes);
        hanging.SetResult(DriverOutcome.Done);
    }

    [Fact]
    public async Task A_driver_that_breaks_makes_ill_without_telling_its_inside()
    {
        await StartAsync(new ProbedDriver { OnProbe = (_, _) => throw new InvalidOperationException("a secret of the driver") });
        Assert.Equal("one broke in its health probe; the agent's log says how.", (await ToldAsync()).Error);
    }

    [Fact]
    public async Task What_is_not_there_is_not_supported_or_is_worked_on_is_left_alone()
    {
        var release = new TaskCompletionSource<DriverOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var driver = new ProbedDriver { OnProbe = (_, _) => Task.FromResult(DriverOutcome.NotSupported("cannot")), OnInstall = (_, _) => release.Task };
        _devices = [Device with { ControlPath = ScriptedDriver.Path("99") }, Device with { Driver = "two" }, Device];
        var agent = await StartAsync(driver);
        await CycleAsync(agent);
        Assert.InRange(driver.Probes, 1, 2);
        await agent.FirstReport.Soon();
        var installing = _stage.CallAsync(Verbs.InstallDevice, new InstallDevice(Device.DeviceUuid, "one", Device.ControlPath));
        await driver.Installing.Task.Soon();
        // The cycle in which the install began has ended.
        await CycleAsync(agent);
        var before = driver.Probes;
        driver.OnProbe = (_, _) => Task.FromResult(DriverOutcome.Failed("busy"));
        await CycleAsync(agent);
        // A cycle asks when the one before has ended: the first of these has looked at the device by now.
        await CycleAsync(agent);
        Assert.Equal((before, 0), (driver.Probes, _told.Reader.Count));
        release.SetResult(DriverOutcome.Done);
        await installing;
    }

    private async Task<AgentRoom> StartAsync(ProbedDriver driver)
    {
        var server = new BusServer(_stage.Connect(), new BusOptions(), NullLoggerFactory.Instance, TimeProvider.System);
        _open.Add(server);
        server.Map(Verbs.GetProbes, async (request, _, stop) =>
        {
            var devices = _devices;
            await _asked.Writer.WriteAsync(request, stop);
            return new ProbeList(devices);
        });
        server.Map(Verbs.ReportProbe, async (report, _, stop) =>
        {
            await _told.Writer.WriteAsync((report, driver.Probes), stop);
            return Done.Instance;
        });
        await server.StartAsync(Token);
        await _stage.StartConductorAsync();
        var agent = _stage.Agent(_stage.Options() with { Probes = new ProbeOptions { Timeout = TimeSpan.FromSeconds(77) } }, driver);
        await agent.StartAsync(Token);
        await _stage.ReportAsync();
        await _asked.Reader.ReadAsync(Token).AsTask().Soon();
        return agent;
    }

    /// <summary>A cycle whose probes have ended when it is asked for the next one's.</summary>
    private async Task CycleAsync(AgentRoom agent)
    {
        agent.Nudge();
        await _asked.Reader.ReadAsync(Token).AsTask().Soon();
    }

    private async Task<ReportProbe> ToldAsync() => (await _told.Reader.ReadAsync(Token).AsTask().Soon()).Report;

    private sealed class ProbedDriver : IAcceleratorDriver
    {
        private int _probes;

        public string Name => "one";
        public int Probes => _probes;
        public TaskCompletionSource Installing { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        public Func<DriverControlPath, CancellationToken, Task<DriverOutcome>> OnProbe { get; set; } = (_, _) => Task.FromResult(DriverOutcome.Done);
        public Func<DriverControlPath, CancellationToken, Task<DriverOutcome>> OnInstall { get; set; } = (_, _) => Task.FromResult(DriverOutcome.Done);

        public Task<DriverFindings> DiscoverAsync(CancellationToken cancellationToken) => Task.FromResult(new DriverFindings([ScriptedDriver.Device("01")], []));

        public Task<DriverOutcome> InstallAsync(DriverControlPath device, CancellationToken cancellationToken)
        {
            Installing.TrySetResult();
            return OnInstall(device, cancellationToken);
        }

        public Task<DriverOutcome> ProbeAsync(DriverControlPath device, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _probes);
            return OnProbe(device, cancellationToken);
        }
    }
}
