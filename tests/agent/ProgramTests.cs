using Cyborg.Agent.Devices;
using Cyborg.Agent.Journal;
using Cyborg.Drivers;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Agent.Tests;

/// <summary>Commands to program, with images of a folder: what is done, refused, joined and remembered.</summary>
public sealed class ProgramTests : IAsyncDisposable
{
    private readonly Stage _stage = new();
    private readonly string _images = Directory.CreateTempSubdirectory("cyborg-images-").FullName;
    private readonly ScriptedDriver _driver = new("one", ScriptedDriver.Device("01"));
    private readonly List<string> _programmed = [];
    private AgentRoom _agent = null!;

    public ProgramTests() => _driver.OnProgram = async (path, stop) =>
    {
        _programmed.Add(await File.ReadAllTextAsync(path, stop));
        return DriverOutcome.Done;
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _stage.DisposeAsync();
        Directory.Delete(_images, recursive: true);
    }

    [Fact]
    public async Task Programming_gives_the_driver_the_image_of_the_folder()
    {
        await StartAsync();
        var image = Image("bits");
        Assert.Equal(new ProgramResult(image, null), await ProgramAsync(Command(image)));
        Assert.Equal(["bits"], _programmed);
        Assert.Single(_stage.Logs.Of(3030));
    }

    [Fact]
    public async Task The_same_command_is_done_once_and_answered_from_the_journal_after_a_restart_too()
    {
        await StartAsync();
        var command = Command(Image("bits"));
        await ProgramAsync(command);
        await ProgramAsync(command);
        await RestartAsync();
        Assert.Equal(FaultCode.StaleCommand, await FaultAsync(command));
        Assert.Equal(command.Wish.Image, (await ProgramAsync(command with { BootId = _agent.BootId })).Image);
        Assert.Equal(["bits"], _programmed);
    }

    [Fact]
    public async Task A_new_generation_programs_again_and_a_lower_one_is_stale_after_a_restart_too()
    {
        await StartAsync();
        var command = Command(Image("bits"), generation: 5);
        await ProgramAsync(command);
        await ProgramAsync(command with { Generation = 6 });
        Assert.Equal(FaultCode.StaleCommand, await FaultAsync(command));
        await RestartAsync();
        Assert.Equal(FaultCode.StaleCommand, await FaultAsync(command with { BootId = _agent.BootId }));
        Assert.Equal(["bits", "bits"], _programmed);
        Assert.Equal(2, _stage.Logs.Of(3032).Count());
    }

    [Fact]
    public async Task Another_image_by_the_same_generation_is_refused()
    {
        await StartAsync();
        var command = Command(Image("bits"));
        await ProgramAsync(command);
        Assert.Equal(FaultCode.InvalidInput, await FaultAsync(command with { Wish = new ImageWish(Image("other"), null) }));
        Assert.Equal(["bits"], _programmed);
    }

    [Fact]
    public async Task The_same_command_joins_the_one_in_flight_and_a_caller_that_goes_stops_nothing()
    {
        var (started, release) = (Signal(), Signal());
        _driver.OnProgram = async (_, _) =>
        {
            _programmed.Add("begun");
            started.TrySetResult();
            await release.Task;
            return DriverOutcome.Done;
        };
        await StartAsync();
        var command = Command(Image("bits"));
        var first = ProgramAsync(command);
        await started.Task.Soon();
        var second = ProgramAsync(command);
        release.SetResult();
        Assert.Equal(await first, await second);
        Assert.Equal(["begun"], _programmed);
    }

    [Fact]
    public async Task A_command_that_is_overtaken_while_it_waits_its_turn_touches_nothing()
    {
        var (started, release) = (Signal(), Signal());
        _driver.OnInstall = async (_, _) =>
        {
            started.SetResult();
            await release.Task;
            return DriverOutcome.Done;
        };
        await StartAsync();
        var install = _stage.CallAsync(Verbs.InstallDevice, new InstallDevice(Guid.NewGuid(), "one", ScriptedDriver.Path("01")));
        await started.Task.Soon();
        var command = Command(Image("new"), generation: 7);
        // The newer one waits before the older one comes.
        var newer = ProgramAsync(command);
        await Waiting.UntilAsync(() => _agent.Work.LastAsked(command.ControlPath)!.EndsWith("generation 7", StringComparison.Ordinal));
        var older = FaultAsync(command with { Generation = 6, Wish = new ImageWish(Image("old"), null) });
        release.SetResult();
        await install;
        await newer;
        Assert.Equal(FaultCode.StaleCommand, await older);
        Assert.Equal(["new"], _programmed);
    }

    [Fact]
    public async Task Programming_that_does_not_work_is_a_fault_that_says_why_and_is_told_again()
    {
        await StartAsync();
        var (image, programs) = (Image("bits"), 0);
        _driver.OnProgram = (_, _) => Task.FromResult(++programs == 1 ? DriverOutcome.NotSupported("cannot") : DriverOutcome.Failed("burnt"));
        Assert.Equal(FaultCode.NotSupportedByDriver, await FaultAsync(Command(image)));
        var command = Command(image);
        var fault = await Assert.ThrowsAsync<FaultException>(() => ProgramAsync(command));
        Assert.Equal((FaultCode.DriverFailed, "burnt"), (fault.Code, fault.Message));
        Assert.Equal(FaultCode.DriverFailed, await FaultAsync(command));
        Assert.Equal(2, programs);
        _driver.OnProgram = (_, _) => throw new InvalidOperationException("a secret of the driver");
        fault = await Assert.ThrowsAsync<FaultException>(() => ProgramAsync(Command(image)));
        Assert.Equal((FaultCode.DriverFailed, "one broke; the agent's log says how."), (fault.Code, fault.Message));
        _driver.OnProgram = (_, _) => throw new DriverException("told");
        fault = await Assert.ThrowsAsync<FaultException>(() => ProgramAsync(Command(image)));
        Assert.Equal((FaultCode.DriverFailed, "told"), (fault.Code, fault.Message));
    }

    [Fact]
    public async Task A_device_or_driver_that_is_not_here_is_a_fault()
    {
        await StartAsync();
        Assert.Equal(FaultCode.DeviceNotFound, await FaultAsync(Command(Image("bits")) with { ControlPath = ScriptedDriver.Path("99") }));
        Assert.Equal(FaultCode.NotSupportedByDriver, await FaultAsync(Command(Image("bits")) with { Driver = "two" }));
    }

    [Fact]
    public async Task An_image_that_is_not_in_the_folder_is_not_found()
    {
        var (folder, outside, dangling) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        Directory.CreateDirectory(Path.Combine(_images, folder.ToString()));
        File.CreateSymbolicLink(Path.Combine(_images, outside.ToString()), Environment.ProcessPath!);
        File.CreateSymbolicLink(Path.Combine(_images, dangling.ToString()), "nowhere");
        await StartAsync();
        foreach (var image in new[] { Guid.NewGuid(), folder, outside, dangling })
            Assert.Equal(FaultCode.ImageNotFound, await FaultAsync(Command(image)));
        Assert.Equal(FaultCode.ImageNotFound, await FaultAsync(Command(Guid.Empty) with { Wish = new ImageWish(null, "crypto") }));
        Assert.Empty(_programmed);
    }

    [Fact]
    public async Task What_a_stop_has_cut_off_is_done_again_when_it_is_asked_for()
    {
        var started = Signal();
        _driver.OnProgram = async (_, stop) =>
        {
            started.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, stop);
            return DriverOutcome.Done;
        };
        await StartAsync();
        var command = Command(Image("bits"));
        var cut = ProgramAsync(command);
        await started.Task.Soon();
        await _agent.DisposeAsync().AsTask().Soon();
        Assert.Equal(FaultCode.Unavailable, (await Assert.ThrowsAsync<FaultException>(() => cut)).Code);
        _driver.OnProgram = (_, _) => Task.FromResult(DriverOutcome.Done);
        await RestartAsync();
        Assert.Equal(command.Wish.Image, (await ProgramAsync(command with { BootId = _agent.BootId })).Image);
    }

    [Fact]
    public async Task Nothing_is_programmed_that_cannot_be_journaled()
    {
        await StartAsync();
        var (command, block) = (Command(Image("bits")), Path.Combine(_stage.Folder, "agent", "journal.json.new"));
        Directory.CreateDirectory(block);
        Assert.Equal(FaultCode.Unavailable, await FaultAsync(command));
        Assert.Empty(_programmed);
        Directory.Delete(block);
        await ProgramAsync(command);
    }

    [Fact]
    public void The_rules_know_every_case()
    {
        var known = new ProgramEntry(Guid.NewGuid(), 5, new ImageWish(Guid.NewGuid(), null), HandleStage.Done);
        Assert.Equal(ProgramDecision.Run, ProgramRules.Decide(null, known));
        Assert.Equal(ProgramDecision.Run, ProgramRules.Decide(known, known with { Generation = 6 }));
        Assert.Equal(ProgramDecision.Stale, ProgramRules.Decide(known, known with { Generation = 4 }));
        Assert.Equal(ProgramDecision.Contradiction, ProgramRules.Decide(known, known with { Wish = new ImageWish(null, "f") }));
        Assert.Equal(ProgramDecision.Stored, ProgramRules.Decide(known, known));
        Assert.Equal(ProgramDecision.Stored, ProgramRules.Decide(known with { Stage = HandleStage.Failed }, known));
        Assert.Equal(ProgramDecision.Run, ProgramRules.Decide(known with { Stage = HandleStage.InFlight }, known));
    }

    private Guid Image(string bits)
    {
        var image = Guid.NewGuid();
        File.WriteAllText(Path.Combine(_images, image.ToString()), bits);
        return image;
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
        _agent = _stage.Agent(_stage.Options(_images), _driver);
        await _agent.StartAsync(Token);
        await _agent.FirstReport.Soon();
    }

    private ProgramDevice Command(Guid image, long generation = 1) =>
        new(Guid.NewGuid(), generation, _agent.BootId, "one", "d-01", ScriptedDriver.Path("01"), new ImageWish(image, null));

    private Task<ProgramResult> ProgramAsync(ProgramDevice command) => _stage.CallAsync(Verbs.ProgramDevice, command);

    private async Task<FaultCode> FaultAsync(ProgramDevice command) => (await Assert.ThrowsAsync<FaultException>(() => ProgramAsync(command))).Code;

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
