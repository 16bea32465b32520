using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.TestServers;

namespace Cyborg.Conductor.Tests;

/// <summary>Operators who program a deployable themselves, beside binds and each other.</summary>
public sealed class ProgramOperatorTests
{
    private static readonly Guid s_image = Guid.NewGuid();
    private static readonly Guid s_other = Guid.NewGuid();

    [Theory, EachDatabase]
    public async Task An_operator_programs_and_the_same_call_again_does_nothing(DatabaseKind kind)
    {
        await using var stage = await ProgramStage.StartAsync(kind);
        var call = Guid.NewGuid();
        Assert.Equal(s_image.ToString(), (await stage.ProgramAsync(s_image, call)).BitstreamId);
        Assert.Equal(s_image.ToString(), (await stage.ProgramAsync(s_image, call)).BitstreamId);
        Assert.Single(stage.Programs);
        await stage.ProgramAsync(s_image, Guid.NewGuid());
        Assert.Equal([1, 2], stage.Programs.Select(work => work.Generation));
        // What an operator has programmed a bind need not.
        Assert.Equal(ArqState.Bound, (await stage.Conductor.ShowAsync(await stage.BindAsync(s_image))).State);
    }

    [Theory, EachDatabase]
    public async Task An_operator_is_refused_while_a_request_holds_a_handle_or_waits_for_one(DatabaseKind kind)
    {
        await using var stage = await ProgramStage.StartAsync(kind);
        var arq = await stage.BindAsync(s_image);
        Assert.Equal(FaultCode.Conflict, await stage.ProgramFaultAsync(s_image));
        await stage.RoundAsync();
        Assert.Equal(FaultCode.Conflict, await stage.ProgramFaultAsync(s_image));
        await stage.Conductor.CallAsync(Verbs.DeleteArqs, new DeleteArqs(TestConductor.Scope("p1"), [arq], true));
        await stage.ProgramAsync(s_other, Guid.NewGuid());
    }

    [Theory, EachDatabase]
    public async Task While_an_operator_programs_others_join_or_are_refused(DatabaseKind kind)
    {
        await using var stage = await ProgramStage.StartAsync(kind);
        var (asked, release) = (Signal(), Signal());
        stage.OnProgram = async work =>
        {
            asked.TrySetResult();
            await release.Task;
            return new ProgramResult(work.Wish.Image!.Value, null);
        };
        var first = stage.ProgramAsync(s_image, Guid.NewGuid());
        await asked.Task;
        await stage.HoldAsync();
        using var count = StatementCount.Start(stage.Conductor.Database);
        var second = stage.ProgramAsync(s_image, Guid.NewGuid());
        // When it looks for the second time it has seen the first, and waits.
        await AcceleratorStage.UntilAsync(() => Task.FromResult(count.Texts.Count(IsLook) > 1));
        Assert.Equal(FaultCode.Conflict, await stage.ProgramFaultAsync(s_other));
        var plain = (await stage.Conductor.CreateAsync())[0];
        Assert.Equal(FaultCode.Conflict, await stage.Conductor.FaultAsync(Verbs.BindArqs, TestConductor.Binding([plain], "card")));
        var other = await stage.CreateAsync("accel:bitstream_id", s_other.ToString());
        Assert.Equal(FaultCode.Conflict, await stage.Conductor.FaultAsync(Verbs.BindArqs, TestConductor.Binding([other], "card")));
        release.SetResult();
        Assert.Equal(s_image.ToString(), (await first).BitstreamId);
        Assert.Equal(s_image.ToString(), (await second).BitstreamId);
        Assert.Single(stage.Programs);
    }

    [Theory, EachDatabase]
    public async Task A_bind_joins_an_operators_programming(DatabaseKind kind)
    {
        await using var stage = await ProgramStage.StartAsync(kind);
        var (asked, release) = (Signal(), Signal());
        stage.OnProgram = async work =>
        {
            asked.TrySetResult();
            await release.Task;
            return new ProgramResult(work.Wish.Image!.Value, null);
        };
        var program = stage.ProgramAsync(s_image, Guid.NewGuid());
        await asked.Task;
        await stage.HoldAsync();
        var arq = await stage.BindAsync(s_image);
        await stage.RoundAsync();
        Assert.Equal(ArqState.BindStarted, (await stage.Conductor.ShowAsync(arq)).State);
        release.SetResult();
        await program;
        await stage.RoundAsync(); // at once: the end of the programming has made it due
        Assert.Equal(ArqState.Bound, (await stage.Conductor.ShowAsync(arq)).State);
        Assert.Single(stage.Programs);
    }

    [Theory, EachDatabase]
    public async Task An_operator_hears_why_it_failed(DatabaseKind kind)
    {
        await using var stage = await ProgramStage.StartAsync(kind);
        foreach (var code in new[] { FaultCode.ImageNotFound, FaultCode.ImageUnusable, FaultCode.NotSupportedByDriver, FaultCode.DriverFailed, FaultCode.Unavailable })
        {
            stage.OnProgram = _ => throw new FaultException(code, $"because of {code}");
            Assert.Equal(code, await stage.ProgramFaultAsync(s_image));
        }
        await stage.StopAgentAsync();
        Assert.Equal(FaultCode.NoResponder, await stage.ProgramFaultAsync(s_image));
    }

    /// <summary>True of the statement that shows whether a deployable is being programmed just now.</summary>
    private static bool IsLook(string text) =>
        text.Contains("program_until", StringComparison.Ordinal)
        && (text.Contains("now()", StringComparison.Ordinal) || text.Contains("strftime", StringComparison.Ordinal))
        && text.TrimStart().StartsWith("SELECT", StringComparison.OrdinalIgnoreCase);

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
