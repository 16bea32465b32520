using Cyborg.Conductor.Deployables;
using Cyborg.Model;
using Cyborg.Storage;

namespace Cyborg.Conductor.Tests;

public sealed class ProgramRulesTests
{
    private static readonly ImageWish s_wish = new(Guid.NewGuid());
    private static readonly ImageWish s_other = new(Function: "crypto");
    private static readonly Guid s_token = Guid.NewGuid();

    private static readonly ProgramState s_idle = new() { Bitstream = Guid.NewGuid().ToString(), Function = "nothing" };
    private static readonly ProgramState s_runs = s_idle with { Bitstream = s_wish.Image.ToString(), Function = "crypto" };

    private static readonly HandleHolder s_attached = new(AttachHandleState.Held, Pending: false, Failed: false, s_other);
    private static readonly HandleHolder s_pending = new(AttachHandleState.Held, Pending: true, Failed: false, s_wish);
    private static readonly HandleHolder s_failed = new(AttachHandleState.Held, Pending: false, Failed: true, s_other);
    private static readonly HandleHolder s_releasing = new(AttachHandleState.Releasing, Pending: false, Failed: false, null);
    private static readonly HandleHolder s_broken = new(AttachHandleState.Error, Pending: false, Failed: false, null);

    [Fact]
    public void A_deployable_satisfies_what_it_is_known_to_run()
    {
        Assert.True(s_runs.Satisfies(s_wish));
        Assert.True(s_runs.Satisfies(s_other));
        Assert.False(s_idle.Satisfies(s_wish));
        Assert.False(s_idle.Satisfies(s_other));
        Assert.False((s_runs with { UnderWay = true }).Satisfies(s_wish));
        Assert.False(new ProgramState().Satisfies(s_other));
    }

    [Fact]
    public void A_bind_without_a_wish_keeps_away_from_a_programming()
    {
        Assert.Equal(ProgramStep.Ready, ProgramRules.ForPlainBind(s_idle).Step);
        Assert.Equal(ProgramStep.Refuse, ProgramRules.ForPlainBind(UnderWay(s_wish)).Step);
    }

    [Fact]
    public void A_bind_shares_an_image_and_never_changes_logic_under_another()
    {
        Assert.Equal(ProgramStep.Ready, Bind(s_runs, s_attached));
        Assert.Equal(ProgramStep.Order, Bind(s_idle));
        Assert.Equal(ProgramStep.Order, Bind(s_idle, s_failed));
        Assert.Equal(ProgramStep.Order, Bind(s_idle, s_releasing));
        Assert.Equal(ProgramStep.Refuse, Bind(s_idle, s_attached));
        Assert.Equal(ProgramStep.Refuse, Bind(s_idle, s_attached with { Wish = null }));
        Assert.Equal(ProgramStep.Refuse, Bind(s_idle, s_broken));
        // Work on another's handle is under way.
        Assert.Equal(ProgramStep.Refuse, Bind(s_idle, s_pending with { Wish = null }));
    }

    [Fact]
    public void A_bind_joins_a_programming_of_its_image_and_overtakes_one_that_nobody_wants()
    {
        Assert.Equal(ProgramStep.Wait, Bind(UnderWay(s_wish), s_pending));
        Assert.Equal(ProgramStep.Wait, Bind(UnderWay(s_wish) with { Call = Guid.NewGuid(), ClaimedBy = Guid.NewGuid() }));
        Assert.Equal(ProgramStep.Refuse, Bind(UnderWay(s_other), s_pending with { Wish = s_other }));
        Assert.Equal(ProgramStep.Order, Bind(UnderWay(s_other) with { ClaimedBy = Guid.NewGuid() }));
        Assert.Equal(ProgramStep.Refuse, Bind(UnderWay(s_other) with { Call = Guid.NewGuid(), ClaimedBy = Guid.NewGuid() }));
        Assert.Equal(ProgramStep.Order, Bind(UnderWay(s_other) with { Call = Guid.NewGuid() }));
    }

    [Fact]
    public void A_job_claims_waits_goes_on_or_fails_with_its_siblings()
    {
        Assert.Equal(ProgramStep.Ready, Job(s_runs, s_pending));
        Assert.Equal(ProgramStep.Claim, Job(UnderWay(s_wish), s_pending));
        Assert.Equal(ProgramStep.Claim, Job(UnderWay(s_wish) with { ClaimedBy = s_token }, s_pending));
        Assert.Equal(ProgramStep.Wait, Job(UnderWay(s_wish) with { ClaimedBy = Guid.NewGuid() }, s_pending));
        Assert.Equal(ProgramStep.Wait, Job(UnderWay(s_wish), s_pending, s_releasing));
        Assert.Equal(ProgramStep.Wait, Job(UnderWay(s_other), s_pending));
        Assert.Equal(ProgramStep.Refuse, Job(UnderWay(s_wish), s_pending, s_broken));
        Assert.Equal(ProgramStep.Refuse, Job(s_idle with { Wish = s_wish, Failure = "burnt" }, s_pending));
        Assert.Equal(ProgramStep.Order, Job(s_idle with { Wish = s_other, Failure = "burnt" }, s_pending));
    }

    [Fact]
    public void An_operator_programs_what_nobody_holds_once_for_each_call()
    {
        var call = Guid.NewGuid();
        Assert.Equal(ProgramStep.Order, Operator(s_idle, call));
        Assert.Equal(ProgramStep.Order, Operator(s_runs, call));
        Assert.Equal(ProgramStep.Ready, Operator(s_runs with { Call = call }, call));
        Assert.Equal(ProgramStep.Order, Operator(s_idle with { Call = call, Failure = "burnt" }, call));
        Assert.Equal(ProgramStep.Refuse, ProgramRules.ForOperator(s_idle, true, s_wish, call, s_token).Step);
        Assert.Equal(ProgramStep.Claim, Operator(UnderWay(s_wish) with { Call = Guid.NewGuid() }, call));
        Assert.Equal(ProgramStep.Order, Operator(UnderWay(s_other) with { Call = Guid.NewGuid() }, call));
        Assert.Equal(ProgramStep.Wait, Operator(UnderWay(s_wish) with { Call = Guid.NewGuid(), ClaimedBy = Guid.NewGuid() }, call));
        Assert.Equal(ProgramStep.Refuse, Operator(UnderWay(s_other) with { Call = Guid.NewGuid(), ClaimedBy = Guid.NewGuid() }, call));
        Assert.Equal(ProgramStep.Order, Operator(UnderWay(s_other) with { ClaimedBy = Guid.NewGuid() }, call));
    }

    [Theory]
    [InlineData(FaultCode.DriverFailed, false, false)]
    [InlineData(FaultCode.ImageNotFound, true, false)]
    [InlineData(FaultCode.ImageUnusable, true, false)]
    [InlineData(FaultCode.NotSupportedByDriver, true, false)]
    [InlineData(FaultCode.DeviceNotFound, true, false)]
    [InlineData(FaultCode.Unavailable, false, true)]
    [InlineData(FaultCode.NoResponder, false, true)]
    [InlineData(FaultCode.DeadlineExceeded, false, true)]
    [InlineData(FaultCode.StaleCommand, false, true)]
    [InlineData(FaultCode.Internal, false, true)]
    public void A_fault_says_what_is_left_of_the_logic_and_whether_to_ask_again(FaultCode code, bool untouched, bool passing) =>
        Assert.Equal((untouched, passing), (ProgramRules.IsUntouched(code), ProgramRules.IsPassing(code)));

    private static ProgramState UnderWay(ImageWish wish) => s_idle with { UnderWay = true, Wish = wish };

    private static ProgramStep Bind(ProgramState state, params HandleHolder[] holders) => ProgramRules.ForBind(state, holders, s_wish).Step;

    private static ProgramStep Job(ProgramState state, params HandleHolder[] holders) => ProgramRules.ForJob(state, holders, s_wish, s_token).Step;

    private static ProgramStep Operator(ProgramState state, Guid call) => ProgramRules.ForOperator(state, false, s_wish, call, s_token).Step;
}
