using System.Threading.Channels;
using Cyborg.Agent.Usage;
using Cyborg.Drivers;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Tests;

/// <summary>How much devices are used is measured in each interval and broadcast, whatever one driver does.</summary>
public sealed class UsageTests : IAsyncDisposable
{
    private const double Interval = 7777;

    private readonly Stage _stage = new();
    private readonly Channel<(string Subject, HostUsage Usage)> _heard = Channel.CreateUnbounded<(string, HostUsage)>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    [Fact]
    public async Task Figures_of_every_driver_that_measures_are_told_after_the_first_report_and_in_each_interval()
    {
        var one = new MeasuringDriver("one", "01") { Figures = { ["accelerators_in_use"] = 0, ["utilization_percent"] = 12.5 } };
        var two = new MeasuringDriver("two", "02") { Figures = { ["accelerators_in_use"] = 3 } };
        var agent = await StartAsync(one, new ScriptedDriver("mute", ScriptedDriver.Device("03")), two);
        var (subject, usage) = await HearAsync();
        Assert.Equal("cyborg.usage.node=201=2Eexample=2Eorg", subject);
        Assert.Equal((agent.BootId, Interval), (usage.BootId, usage.IntervalSeconds));
        Assert.Equal([ScriptedDriver.Path("01"), ScriptedDriver.Path("02")], usage.Devices.Select(device => device.ControlPath));
        Assert.Equal(0, usage.Devices[0].Figures["accelerators_in_use"]);
        Assert.Equal(12.5, usage.Devices[0].Figures["utilization_percent"]);
        two.Figures["accelerators_in_use"] = 4;
        await NextIntervalAsync();
        Assert.Equal(4, (await HearAsync()).Usage.Devices[1].Figures["accelerators_in_use"]);
    }

    [Fact]
    public async Task A_driver_that_hangs_or_breaks_keeps_no_other_from_being_told()
    {
        var never = new TaskCompletionSource<IReadOnlyList<DriverUsage>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var hanging = new MeasuringDriver("hanging", "01") { OnMeasure = _ => never.Task };
        var broken = new MeasuringDriver("broken", "02") { OnMeasure = _ => throw new InvalidOperationException("no such file") };
        var refusing = new MeasuringDriver("refusing", "03") { OnMeasure = _ => throw new DriverException("not now") };
        var good = new MeasuringDriver("good", "04") { Figures = { ["a"] = 1 } };
        await StartAsync(hanging, broken, refusing, good);
        // Only the one that hangs is waited for any more: else the clock would give up others that are merely slow.
        await Task.WhenAll(hanging.Begun, broken.Begun, refusing.Begun, good.Begun).Soon();
        await _stage.Time.TimersAsync(30, 1).Soon();
        _stage.Time.Advance(30);
        Assert.Equal(ScriptedDriver.Path("04"), Assert.Single((await HearAsync()).Usage.Devices).ControlPath);
        await NextIntervalAsync();
        Assert.Single((await HearAsync()).Usage.Devices);
        Assert.Equal(1, hanging.Measurements);
        string[] told = [await _stage.Logs.LineAsync(3110, 1), await _stage.Logs.LineAsync(3110, 2), await _stage.Logs.LineAsync(3110, 3)];
        Assert.Contains(told, line => line.Contains("hanging", StringComparison.Ordinal) && line.Contains("30 seconds", StringComparison.Ordinal));
        Assert.Contains(told, line => line.Contains("no such file", StringComparison.Ordinal));
        Assert.Contains(told, line => line.Contains("not now", StringComparison.Ordinal));
        refusing.OnMeasure = null;
        refusing.Figures["b"] = 2;
        never.SetResult([]);
        await NextIntervalAsync();
        Assert.Equal(2, (await HearAsync()).Usage.Devices.Count);
        Assert.Contains("tells again", await _stage.Logs.LineAsync(3111), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_whose_host_name_another_one_holds_is_silent()
    {
        var driver = new MeasuringDriver("one", "01") { Figures = { ["a"] = 1 } };
        _stage.OnHeartbeat = _ => throw new FaultException(FaultCode.Conflict, "another one");
        _stage.OnReport = _ => throw new FaultException(FaultCode.Conflict, "another one");
        await StartAsync(driver, reported: false);
        await _stage.HeartbeatAsync();
        await _stage.Logs.LineAsync(3053);
        Assert.Equal((0, 0), (driver.Measurements, _heard.Reader.Count));
    }

    [Fact]
    public async Task An_interval_of_0_measures_nothing()
    {
        var driver = new MeasuringDriver("one", "01") { Figures = { ["a"] = 1 } };
        await StartAsync(new UsageOptions { Interval = TimeSpan.Zero }, true, driver);
        await _stage.HeartbeatAsync();
        Assert.Equal((0, 0), (driver.Measurements, _heard.Reader.Count));
    }

    [Fact]
    public void What_is_no_number_or_has_no_name_is_left_out_and_so_is_a_device_of_which_nothing_stays()
    {
        var odd = new Dictionary<string, double> { ["b"] = 1, ["a"] = 2, ["nan"] = double.NaN, ["inf"] = double.PositiveInfinity, [""] = 1, [new('x', 65)] = 1 };
        var nothing = new Dictionary<string, double> { ["nan"] = double.NaN };
        var many = Enumerable.Range(0, 100).ToDictionary(n => $"f{n:000}", n => (double)n);
        var told = UsageFacts.Join(
        [
            new DriverUsage(ScriptedDriver.Path("01"), odd), new DriverUsage(ScriptedDriver.Path("02"), nothing), new DriverUsage(ScriptedDriver.Path("03"), many),
            new DriverUsage(ScriptedDriver.Path("01"), many),
        ]);
        Assert.Equal([ScriptedDriver.Path("01"), ScriptedDriver.Path("03")], told.Select(device => device.ControlPath));
        Assert.Equal(["a", "b"], told[0].Figures.Keys);
        Assert.Equal(HostUsage.MaxFigures, told[1].Figures.Count);
    }

    [Fact]
    public void Many_devices_are_told_in_several_messages_that_each_fit_and_nothing_is_lost()
    {
        DeviceUsage[] devices = [.. Enumerable.Range(0, 5000).Select(n => new DeviceUsage(ScriptedDriver.Path($"{n}"), new Dictionary<string, double> { ["a"] = n }))];
        var usage = new HostUsage(Guid.NewGuid(), 60, devices);
        var messages = usage.Messages(10_000).ToList();
        Assert.All(messages, message => Assert.InRange(message.Length, 1, 10_000));
        var read = messages.SelectMany(message => HostUsage.Read(message)!.Devices).ToList();
        Assert.Equal(devices.Select(device => device.ControlPath), read.Select(device => device.ControlPath));
        Assert.Equal(devices.Select(device => device.Figures["a"]), read.Select(device => device.Figures["a"]));
    }

    private Task<AgentRoom> StartAsync(params IAcceleratorDriver[] drivers) =>
        StartAsync(new UsageOptions { Interval = TimeSpan.FromSeconds(Interval) }, true, drivers);

    private Task<AgentRoom> StartAsync(MeasuringDriver driver, bool reported) =>
        StartAsync(new UsageOptions { Interval = TimeSpan.FromSeconds(Interval) }, reported, driver);

    private async Task<AgentRoom> StartAsync(UsageOptions options, bool reported, params IAcceleratorDriver[] drivers)
    {
        var conductor = _stage.Connect();
        await conductor.SubscribeAsync(
            HostUsage.EveryHost, null, message => _heard.Writer.TryWrite((message.Subject, HostUsage.Read(message.Payload)!)), Token);
        await _stage.StartConductorAsync();
        var agent = _stage.Agent(_stage.Options() with { Usage = options, DiscoveryTimeout = TimeSpan.FromSeconds(29) }, drivers);
        await agent.StartAsync(Token);
        if (reported)
            await _stage.ReportAsync();
        return agent;
    }

    private async Task<(string Subject, HostUsage Usage)> HearAsync() => await _heard.Reader.ReadAsync(Token).AsTask().Soon();

    private async Task NextIntervalAsync()
    {
        await _stage.Time.TimerAsync(Interval, Interval).Soon();
        _stage.Time.Advance(Interval);
    }

    private sealed class MeasuringDriver(string name, string bus) : IUsageDriver
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _measurements;

        public Task Begun => _begun.Task;
        public string Name => name;
        public int Measurements => _measurements;
        public Dictionary<string, double> Figures { get; } = [];
        public Func<CancellationToken, Task<IReadOnlyList<DriverUsage>>>? OnMeasure { get; set; }

        public Task<DriverFindings> DiscoverAsync(CancellationToken cancellationToken) => Task.FromResult(new DriverFindings([ScriptedDriver.Device(bus)], []));

        public Task<DriverOutcome> InstallAsync(DriverControlPath device, CancellationToken cancellationToken) => Task.FromResult(DriverOutcome.Done);

        public Task<IReadOnlyList<DriverUsage>> MeasureAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _measurements);
            _begun.TrySetResult();
            return OnMeasure?.Invoke(cancellationToken)
                ?? Task.FromResult<IReadOnlyList<DriverUsage>>([new DriverUsage(ScriptedDriver.Path(bus), new Dictionary<string, double>(Figures))]);
        }
    }
}
