using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.Storage;
using Cyborg.TestServers;
using LinqToDB;

namespace Cyborg.Conductor.Tests;

/// <summary>Binds that want an image, and operators who program: who may, who waits, what is written. Each test makes the rounds itself.</summary>
public sealed class ProgramTests
{
    private static readonly Guid s_image = Guid.NewGuid();
    private static readonly Guid s_other = Guid.NewGuid();

    [Theory, EachDatabase]
    public async Task A_bind_that_wants_an_image_programs_it_and_is_bound(DatabaseKind kind)
    {
        await using var stage = await ProgramStage.StartAsync(kind);
        var before = await stage.ProvidersVersionAsync();
        var arq = await stage.BindAsync(s_image);
        Assert.Equal(ArqState.BindStarted, (await stage.Conductor.ShowAsync(arq)).State);

        await stage.RoundAsync();

        Assert.Equal(ArqState.Bound, (await stage.Conductor.ShowAsync(arq)).State);
        var asked = Assert.Single(stage.Programs);
        Assert.Equal((1L, new ImageWish(s_image), "card", TestConductor.Agent.BootId), (asked.Generation, asked.Wish, asked.DeployableName, asked.BootId));
        Assert.Empty(stage.Attached);
        Assert.Equal([(arq, "completed")], await stage.EventsAsync());
        Assert.Equal(s_image.ToString(), (await stage.ShowAsync()).BitstreamId);
        Assert.Equal(before + 1, await stage.ProvidersVersionAsync());
    }

    [Theory, EachDatabase]
    public async Task A_function_is_kept_with_a_trait_that_placement_takes(DatabaseKind kind)
    {
        await using var stage = await ProgramStage.StartAsync(kind);
        stage.OnProgram = work => Task.FromResult(new ProgramResult(s_image, work.Wish.Function));
        await stage.BindAsync("a1b2-c3");
        await stage.RoundAsync();
        var row = await stage.RowAsync();
        Assert.Equal(("a1b2-c3", "CUSTOM_FPGA_FUNCTION_ID_FAKE_A1B2_C3", s_image.ToString()), (row.FunctionId, row.FunctionTrait, row.BitstreamId));
        Assert.Null(row.ProgramBegan);

        // By its function or by its image: it is the same.
        Assert.Equal(ArqState.Bound, (await stage.Conductor.ShowAsync(await stage.BindAsync("a1b2-c3"))).State);
        Assert.Equal(ArqState.Bound, (await stage.Conductor.ShowAsync(await stage.BindAsync(s_image))).State);
        Assert.Single(stage.Programs);
    }

    [Theory, EachDatabase]
    public async Task Work_on_the_handle_comes_after_the_image(DatabaseKind kind)
    {
        await using var stage = await ProgramStage.StartAsync(kind, hostWork: true);
        var arq = await stage.BindAsync(s_image);
        await stage.RoundAsync();
        Assert.Equal([arq], stage.Attached);
        Assert.Equal(ArqState.Bound, (await stage.Conductor.ShowAsync(arq)).State);
    }

    [Theory, EachDatabase]
    public async Task Two_binds_of_one_image_program_once(DatabaseKind kind)
    {
        await using var stage = await ProgramStage.StartAsync(kind);
        var (asked, release) = (Signal(), Signal());
        stage.OnProgram = async work =>
        {
            asked.SetResult();
            await release.Task;
            return new ProgramResult(s_image, null);
        };
        var first = await stage.BindAsync(s_image);
        var second = await stage.BindAsync(s_image);
        var round = stage.RoundAsync();
        await asked.Task;
        await stage.HoldAsync();
        release.SetResult();
        await round;
        await stage.DueAsync();
        await stage.RoundAsync();
        Assert.Equal(ArqState.Bound, (await stage.Conductor.ShowAsync(first)).State);
        Assert.Equal(ArqState.Bound, (await stage.Conductor.ShowAsync(second)).State);
        Assert.Single(stage.Programs);
    }

    [Theory, EachDatabase]
    public async Task Another_image_is_refused_while_a_request_holds_a_handle_and_nothing_changes(DatabaseKind kind)
    {
        await using var stage = await ProgramStage.StartAsync(kind);
        var first = await stage.BindAsync(s_image);
        foreach (var round in new[] { false, true })
        {
            if (round)
                await stage.RoundAsync();
            var (row, handles) = (await stage.RowAsync(), await stage.HandlesAsync());
            var arq = await stage.CreateAsync("accel:bitstream_id", s_other.ToString());
            Assert.Equal(FaultCode.Conflict, await stage.Conductor.FaultAsync(Verbs.BindArqs, TestConductor.Binding([arq], "card")));
            Assert.Equal((row.ProgramGeneration, row.ProgramImage), ((await stage.RowAsync()).ProgramGeneration, (await stage.RowAsync()).ProgramImage));
            Assert.Equal(handles, await stage.HandlesAsync());
            Assert.Equal(ArqState.Initial, (await stage.Conductor.ShowAsync(arq)).State);
        }
        await stage.Conductor.CallAsync(Verbs.UnbindArqs, new UnbindArqs(TestConductor.Scope("p1"), [first]));
        await stage.BindAsync(s_other);
        await stage.RoundAsync();
        Assert.Equal([1, 2], stage.Programs.Select(work => work.Generation));
    }

    [Theory, EachDatabase]
    public async Task A_bind_without_a_wish_waits_for_no_programming_and_shares_what_is_there(DatabaseKind kind)
    {
        await using var stage = await ProgramStage.StartAsync(kind);
        await stage.BindAsync(s_image);
        var plain = (await stage.Conductor.CreateAsync())[0];
        Assert.Equal(FaultCode.Conflict, await stage.Conductor.FaultAsync(Verbs.BindArqs, TestConductor.Binding([plain], "card")));
        await stage.RoundAsync();
        await stage.Conductor.BindAsync([plain], "card");
        Assert.Equal(ArqState.Bound, (await stage.Conductor.ShowAsync(plain)).State);
        // It holds the logic as well as one that asked for it.
        var other = await stage.CreateAsync("accel:bitstream_id", s_other.ToString());
        Assert.Equal(FaultCode.Conflict, await stage.Conductor.FaultAsync(Verbs.BindArqs, TestConductor.Binding([other], "card")));
    }

    [Theory, EachDatabase]
    public async Task Requests_of_one_bind_agree_on_an_image_or_none_is_bound(DatabaseKind kind)
    {
        await using var stage = await ProgramStage.StartAsync(kind);
        var (one, other) = (await stage.CreateAsync("accel:bitstream_id", s_image.ToString()), await stage.CreateAsync("accel:bitstream_id", s_other.ToString()));
        Assert.Equal(FaultCode.Conflict, await stage.Conductor.FaultAsync(Verbs.BindArqs, TestConductor.Binding([one, other], "card")));
        var plain = (await stage.Conductor.CreateAsync())[0];
        await stage.Conductor.BindAsync([one, plain], "card");
        await stage.RoundAsync();
        await stage.DueAsync();
        await stage.RoundAsync();
        Assert.Equal(ArqState.Bound, (await stage.Conductor.ShowAsync(one)).State);
        Assert.Equal(ArqState.Bound, (await stage.Conductor.ShowAsync(plain)).State);
        Assert.Single(stage.Programs);
    }

    [Theory, EachDatabase]
    public async Task A_driver_that_fails_fails_the_bind_and_nobody_knows_what_runs(DatabaseKind kind)
    {
        await using var stage = await ProgramStage.StartAsync(kind);
        await stage.RunsAsync(s_other);
        stage.OnProgram = _ => throw new FaultException(FaultCode.DriverFailed, "burnt");
        var (first, second) = (await stage.BindAsync(s_image), await stage.BindAsync(s_image));
        await stage.RoundAsync();
        await stage.DueAsync();
        await stage.RoundAsync();
        Assert.Equal(ArqState.BindStarted, (await stage.Conductor.ShowAsync(first)).State);
        Assert.Equal(new[] { (first, "failed"), (second, "failed") }.ToHashSet(), (await stage.EventsAsync()).ToHashSet());
        Assert.Null((await stage.ShowAsync()).BitstreamId);
        Assert.Equal(2, stage.Programs.Count); // once to run the other image
        Assert.Equal("burnt", (await stage.RowAsync()).ProgramFailure);

        // Its holders hold nothing that runs: the next one may try.
        stage.OnProgram = work => Task.FromResult(new ProgramResult(work.Wish.Image!.Value, null));
        var third = await stage.BindAsync(s_image);
        await stage.RoundAsync();
        Assert.Equal(ArqState.Bound, (await stage.Conductor.ShowAsync(third)).State);
    }

    [Theory, EachDatabase]
    public async Task An_image_that_cannot_be_had_leaves_what_runs(DatabaseKind kind)
    {
        await using var stage = await ProgramStage.StartAsync(kind);
        await stage.RunsAsync(s_other);
        stage.OnProgram = _ => throw new FaultException(FaultCode.ImageUnusable, "its checksum is wrong");
        var arq = await stage.BindAsync(s_image);
        await stage.RoundAsync();
        Assert.Equal([(arq, "failed")], await stage.EventsAsync());
        Assert.Equal(s_other.ToString(), (await stage.ShowAsync()).BitstreamId);
        Assert.Equal(ArqState.Bound, (await stage.Conductor.ShowAsync(await stage.BindAsync(s_other))).State);
    }

    [Theory, EachDatabase]
    public async Task What_may_pass_is_asked_again_with_the_same_generation_until_it_is_overdue(DatabaseKind kind)
    {
        await using var stage = await ProgramStage.StartAsync(kind);
        stage.OnProgram = _ => throw new FaultException(FaultCode.Unavailable, "no image service");
        var arq = await stage.BindAsync(s_image);
        await stage.RoundAsync();
        await stage.DueAsync();
        await stage.RoundAsync();
        Assert.Empty(await stage.EventsAsync());
        await stage.DueAsync();
        // Plain work would be overdue by now; programming has as long as Nova waits.
        await stage.AgeAsync(session => session.AttachHandles.Set(row => row.JobBegan, _ => DatabaseClock.In(-200)).UpdateAsync());
        await stage.RoundAsync();
        Assert.Empty(await stage.EventsAsync());
        await stage.DueAsync();
        await stage.AgeAsync(session => session.AttachHandles.Set(row => row.JobBegan, _ => DatabaseClock.In(-301)).UpdateAsync());
        await stage.RoundAsync();
        Assert.Equal([(arq, "failed")], await stage.EventsAsync());
        Assert.Equal([1, 1, 1, 1], stage.Programs.Select(work => work.Generation));
    }

    [Theory, EachDatabase]
    public async Task A_programming_whose_request_is_given_back_is_overtaken_and_its_late_end_changes_nothing(DatabaseKind kind)
    {
        await using var stage = await ProgramStage.StartAsync(kind);
        var arq = await stage.BindAsync(s_image);
        stage.OnProgram = async work =>
        {
            if (work.Generation == 1)
            {
                await stage.Conductor.CallAsync(Verbs.DeleteArqs, new DeleteArqs(TestConductor.Scope("p1"), [arq], true));
                await stage.BindAsync(s_other);
            }
            return new ProgramResult(work.Wish.Image!.Value, null);
        };
        await stage.RoundAsync();
        Assert.Null((await stage.ShowAsync()).BitstreamId);
        Assert.Single(await stage.HandlesAsync(), handle => handle.State == AttachHandleState.Held);
        await stage.DueAsync();
        await stage.RoundAsync();
        Assert.Equal(s_other.ToString(), (await stage.ShowAsync()).BitstreamId);
        Assert.Equal([1, 2], stage.Programs.Select(work => work.Generation));
        Assert.Single(await stage.EventsAsync());
    }

    [Theory, EachDatabase]
    public async Task A_conductor_that_died_leaves_the_programming_to_another_with_the_same_generation(DatabaseKind kind)
    {
        await using var stage = await ProgramStage.StartAsync(kind);
        var arq = await stage.BindAsync(s_image);
        var id = (await stage.RowAsync()).Id;
        await stage.AgeAsync(session => ProgramStore.ClaimAsync(session, id, Guid.NewGuid(), 3600, null));
        await stage.RoundAsync();
        Assert.Empty(stage.Programs);
        await stage.AgeAsync(session => session.Deployables.Set(row => row.ProgramUntil, _ => DatabaseClock.In(-1)).UpdateAsync());
        await stage.DueAsync();
        await stage.RoundAsync();
        Assert.Equal(ArqState.Bound, (await stage.Conductor.ShowAsync(arq)).State);
        Assert.Equal([1], stage.Programs.Select(work => work.Generation));
    }

    [Theory, EachDatabase]
    public async Task A_handle_that_is_being_released_is_waited_for(DatabaseKind kind)
    {
        await using var stage = await ProgramStage.StartAsync(kind, hostWork: true);
        var before = (await stage.Conductor.CreateAsync())[0];
        await stage.Conductor.BindAsync([before], "card");
        await stage.RoundAsync();
        var version = await stage.ProvidersVersionAsync();
        await stage.Conductor.CallAsync(Verbs.UnbindArqs, new UnbindArqs(TestConductor.Scope("p1"), [before]));
        Assert.Equal(version + 1, await stage.ProvidersVersionAsync());
        await stage.AgeAsync(session => session.AttachHandles.Where(row => row.Job == "release").Set(row => row.JobAfter, _ => DatabaseClock.In(100)).UpdateAsync());
        var arq = await stage.BindAsync(s_image);
        await stage.RoundAsync();
        Assert.Empty(stage.Programs);
        await stage.DueAsync();
        await stage.RoundAsync();
        Assert.Equal(version + 2 + stage.Programs.Count, await stage.ProvidersVersionAsync());
        await stage.DueAsync();
        await stage.RoundAsync();
        Assert.Equal(ArqState.Bound, (await stage.Conductor.ShowAsync(arq)).State);
    }

    [Theory, EachDatabase]
    public async Task An_image_that_is_no_uuid_is_a_clients_mistake(DatabaseKind kind)
    {
        await using var stage = await ProgramStage.StartAsync(kind);
        var arq = await stage.CreateAsync("accel:bitstream_id", "latest");
        Assert.Equal(FaultCode.InvalidInput, await stage.Conductor.FaultAsync(Verbs.BindArqs, TestConductor.Binding([arq], "card")));
    }

    [Theory, EachDatabase]
    public async Task What_nobody_follows_any_more_is_ended(DatabaseKind kind)
    {
        await using var stage = await ProgramStage.StartAsync(kind);
        await stage.RunsAsync(s_other);

        // Never asked of the host: as if it had not been.
        var arq = await stage.BindAsync(s_image);
        await stage.Conductor.CallAsync(Verbs.DeleteArqs, new DeleteArqs(TestConductor.Scope("p1"), [arq], true));
        await stage.RoundAsync();
        Assert.Null((await stage.RowAsync()).ProgramBegan);
        Assert.Equal(s_other.ToString(), (await stage.ShowAsync()).BitstreamId);

        // Asked, and then left: nobody knows, after some time.
        stage.OnProgram = _ => throw new FaultException(FaultCode.Unavailable, "away");
        arq = await stage.BindAsync(s_image);
        await stage.RoundAsync();
        await stage.Conductor.CallAsync(Verbs.DeleteArqs, new DeleteArqs(TestConductor.Scope("p1"), [arq], true));
        await stage.RoundAsync();
        Assert.NotNull((await stage.RowAsync()).ProgramBegan);
        var version = await stage.ProvidersVersionAsync();
        await stage.AgeAsync(session => session.Deployables.Set(row => row.ProgramUntil, _ => DatabaseClock.In(-31)).UpdateAsync());
        await stage.RoundAsync();
        Assert.Null((await stage.RowAsync()).ProgramBegan);
        Assert.Null((await stage.ShowAsync()).BitstreamId);
        Assert.Equal(version + 1, await stage.ProvidersVersionAsync());
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
