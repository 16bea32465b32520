using Cyborg.Drivers;
using Cyborg.Drivers.Fake;
using Cyborg.Hosting.Faults;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Tests;

/// <summary>The hook of fault points is one for the process: these tests run alone.</summary>
[CollectionDefinition(nameof(FaultPointTests), DisableParallelization = true)]
public sealed class FaultPointCollection;

/// <summary>An agent that dies at any step of an attach or a detach, with hardware that keeps its state, and starts again.</summary>
[Collection(nameof(FaultPointTests))]
public sealed class FaultPointTests : IAsyncDisposable
{
    private readonly Stage _stage = new();
    private AgentRoom _agent = null!;

    public static TheoryData<FaultPoint, bool> Steps
    {
        get
        {
            var steps = new TheoryData<FaultPoint, bool>();
            foreach (var point in new[] { FaultPoint.WorkJournaled, FaultPoint.HardwareDone, FaultPoint.OutcomeJournaled, FaultPoint.JournalWritten })
            {
                steps.Add(point, true);
                steps.Add(point, false);
            }
            return steps;
        }
    }

    private string Hardware => Path.Combine(_stage.Folder, "hardware");

    public async ValueTask DisposeAsync()
    {
        FaultPoints.Reached = null;
        await _stage.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Work_that_died_at_any_step_is_done_when_it_is_asked_for_again(FaultPoint point, bool attach)
    {
        await _stage.StartConductorAsync();
        var work = await StartAsync(1);
        if (!attach)
        {
            await CallAsync(work, attach: true);
            work = work with { Generation = 2 };
        }
        var reached = 0;
        FaultPoints.Reached = at =>
        {
            if (at == point)
                throw new InvalidOperationException($"dies at {point}, time {++reached}");
        };
        Assert.Equal(FaultCode.Internal, (await Assert.ThrowsAsync<FaultException>(() => CallAsync(work, attach))).Code);
        Assert.Equal(1, reached);
        FaultPoints.Reached = null;

        await StartAsync(work.Generation);
        Assert.Equal(FaultCode.StaleCommand, (await Assert.ThrowsAsync<FaultException>(() => CallAsync(work, attach))).Code);
        work = work with { BootId = _agent.BootId };
        Assert.Null((await CallAsync(work, attach)).Error);
        Assert.Equal(attach ? [work.ArqUuid.ToString()] : [], Attached());
        Assert.Equal(
            FaultCode.StaleCommand, (await Assert.ThrowsAsync<FaultException>(() => CallAsync(work with { Generation = work.Generation - 1 }, !attach))).Code);
        Assert.Null((await CallAsync(work with { Generation = work.Generation + 1 }, attach: false)).Error);
        Assert.Empty(Attached());
    }

    public static TheoryData<FaultPoint> ProgramSteps =>
        new(FaultPoint.ProgramJournaled, FaultPoint.ImageFetched, FaultPoint.DeviceProgrammed, FaultPoint.ProgramOutcomeJournaled, FaultPoint.JournalWritten);

    [Theory]
    [MemberData(nameof(ProgramSteps))]
    public async Task A_programming_that_died_at_any_step_is_done_when_it_is_asked_for_again(FaultPoint point)
    {
        var (image, programs) = (Guid.NewGuid(), 0);
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Images).FullName, image.ToString()), "bits", TestContext.Current.CancellationToken);
        var driver = new ScriptedDriver("one", ScriptedDriver.Device("01"))
        {
            OnProgram = (_, _) =>
            {
                programs++;
                return Task.FromResult(DriverOutcome.Done);
            },
        };
        await _stage.StartConductorAsync();
        await StartAsync(driver);
        var work = new ProgramDevice(Guid.NewGuid(), 4, _agent.BootId, "one", "d-01", ScriptedDriver.Path("01"), new ImageWish(image, null));
        FaultPoints.Reached = at =>
        {
            if (at == point)
                throw new InvalidOperationException($"dies at {point}");
        };
        // What is in the journal is told even so: only a process that ends says nothing.
        var died = await Record.ExceptionAsync(() => _stage.CallAsync(Verbs.ProgramDevice, work));
        Assert.Equal(point != FaultPoint.ProgramOutcomeJournaled, died is FaultException);
        FaultPoints.Reached = null;

        await StartAsync(driver);
        Assert.Equal(FaultCode.StaleCommand, (await Assert.ThrowsAsync<FaultException>(() => _stage.CallAsync(Verbs.ProgramDevice, work))).Code);
        work = work with { BootId = _agent.BootId };
        Assert.Equal(image, (await _stage.CallAsync(Verbs.ProgramDevice, work)).Image);
        Assert.Equal(image, (await _stage.CallAsync(Verbs.ProgramDevice, work)).Image);
        Assert.Equal(point == FaultPoint.DeviceProgrammed ? 2 : 1, programs);
        Assert.Equal(
            FaultCode.StaleCommand,
            (await Assert.ThrowsAsync<FaultException>(() => _stage.CallAsync(Verbs.ProgramDevice, work with { Generation = 3 }))).Code);
    }

    private string Images => Path.Combine(_stage.Folder, "images");

    private async Task StartAsync(ScriptedDriver driver)
    {
        if (_agent is not null)
            await _agent.DisposeAsync();
        _agent = _stage.Agent(_stage.Options(Images), driver);
        await _agent.StartAsync(TestContext.Current.CancellationToken);
        await _agent.FirstReport.Soon();
    }

    private IEnumerable<string> Attached() => Directory.Exists(Hardware) ? Directory.GetFiles(Hardware).Select(File.ReadAllText) : [];

    private Task<HandleWorkResult> CallAsync(HandleWork work, bool attach) => _stage.CallAsync(attach ? Verbs.AttachHandle : Verbs.DetachHandle, work);

    private async Task<HandleWork> StartAsync(long generation)
    {
        if (_agent is not null)
            await _agent.DisposeAsync();
        var driver = new FakeDriver(new FakeDriverOptions { Host = Stage.Host, HostWork = true, AttachPath = Hardware }, _stage.Time);
        _agent = await _stage.StartAgentAsync(driver);
        var device = (await _agent.FirstReport.Soon())[0].Devices![0];
        var handle = device.Deployables[0].AttachHandles[3];
        Assert.True(handle.HostWork);
        return new HandleWork(
            Guid.NewGuid(), Guid.NewGuid(), generation, _agent.BootId, FakeDriver.EntryName, device.Deployables[0].Name, device.ControlPath, handle);
    }
}
