using System.Text;
using Cyborg.Conductor.Attachments;
using Cyborg.Model;
using Cyborg.Storage;
using Cyborg.Storage.Rows;

namespace Cyborg.Conductor.Tests;

/// <summary>How attachments go on: pure decisions.</summary>
public sealed class AttachmentRulesTests
{
    [Fact]
    public void An_attach_to_a_host_goes_forward_step_by_step() =>
        Assert.Equal("Claim Bind", Walk(AttachTarget.Host, AttachmentStep.Claim, StepOutcome.Done, stopAt: AttachmentStep.Bind));

    [Theory]
    [InlineData(AttachTarget.Host, "Prepare Attached")]
    [InlineData(AttachTarget.Instance, "Prepare Act Attached")]
    public void What_is_bound_is_attached_by_who_has_to(AttachTarget target, string way) =>
        Assert.Equal(way, Walk(target, AttachmentStep.Prepare, StepOutcome.Done));

    [Fact]
    public void An_action_that_Nova_can_tell_of_is_waited_for()
    {
        Assert.Equal(AttachmentStep.Acting, After(AttachmentStep.Act, StepOutcome.Done with { NovaRequest = "req-1" }).Move!.Step);
        Assert.Equal("req-1", After(AttachmentStep.Act, StepOutcome.Done with { NovaRequest = "req-1" }).Move!.NovaRequest);
        Assert.Equal(StepEnd.Wait, After(AttachmentStep.Acting, StepOutcome.Wait).End);
        var late = AttachmentRules.After(new AttachmentJob(Row(AttachmentStep.Acting), AttachmentRules.NovaPatience + 1), StepOutcome.Wait);
        Assert.Equal((AttachmentState.Detaching, AttachmentStep.Undo, FaultCode.BackendFailed), (late.Move!.State, late.Move.Step, late.Move.Fault));
        Assert.Equal(AttachmentState.Attached, After(AttachmentStep.Acting, StepOutcome.Done).Move!.State);
    }

    [Theory]
    [InlineData(AttachmentStep.Claim, AttachmentStep.Unclaim)]
    [InlineData(AttachmentStep.Bind, AttachmentStep.Unclaim)]
    [InlineData(AttachmentStep.Prepare, AttachmentStep.Release)]
    [InlineData(AttachmentStep.Act, AttachmentStep.Release)]
    [InlineData(AttachmentStep.Acting, AttachmentStep.Release)]
    public void A_refused_attach_is_undone_from_where_it_is(AttachmentStep step, AttachmentStep back)
    {
        var move = After(step, StepOutcome.Refused("no", FaultCode.BackendFailed)).Move!;
        Assert.Equal((AttachmentState.Detaching, (AttachmentStep?)back, "no", (FaultCode?)FaultCode.BackendFailed), (move.State, move.Step, move.Reason, move.Fault));
    }

    [Fact]
    public void A_server_that_is_not_the_callers_leaves_nothing_to_undo() =>
        Assert.Equal(StepEnd.Remove, After(AttachmentStep.Check, StepOutcome.Refused("no")).End);

    [Fact]
    public void What_Nova_may_have_taken_before_it_refused_is_undone_there_first() =>
        Assert.Equal(AttachmentStep.Undo, After(Row(AttachmentStep.Act, attempts: 1), StepOutcome.Refused("no")).Move!.Step);

    [Theory]
    [InlineData(AttachTarget.Host, AttachmentStep.Release, "Release Drain Unclaim gone")]
    [InlineData(AttachTarget.Instance, AttachmentStep.Undo, "Undo Release Drain Unclaim gone")]
    public void A_detach_gives_the_claim_back_last(AttachTarget target, AttachmentStep first, string way)
    {
        Assert.Equal(first, AttachmentRules.Undo(new AttachmentRow { State = AttachmentState.Attached, TargetType = target }));
        Assert.Equal(way, Walk(target, first, StepOutcome.Done, AttachmentState.Detaching));
    }

    [Fact]
    public void A_detach_that_Nova_refuses_leaves_it_attached_but_a_rollback_goes_on()
    {
        var kept = After(Row(AttachmentStep.Undo, AttachmentState.Detaching), StepOutcome.Refused("no")).Move!;
        Assert.Equal((AttachmentState.Attached, (AttachmentStep?)null), (kept.State, kept.Step));
        var rollback = Row(AttachmentStep.Undo, AttachmentState.Detaching, fault: FaultCode.Conflict);
        Assert.Equal(StepEnd.Later, After(rollback, StepOutcome.Refused("busy")).End);
        var on = After(rollback, StepOutcome.Refused("never", FaultCode.BackendFailed)).Move!;
        Assert.Equal((AttachmentStep.Release, "why", FaultCode.Conflict), (on.Step, on.Reason, on.Fault));
    }

    [Fact]
    public void What_a_host_can_not_undo_is_an_error_that_is_looked_at_again()
    {
        var move = After(Row(AttachmentStep.Drain, AttachmentState.Detaching), StepOutcome.Refused("stuck", FaultCode.BackendFailed)).Move!;
        Assert.Equal((AttachmentState.Error, AttachmentStep.Drain, "stuck", FaultCode.BackendFailed), (move.State, move.Step, move.Reason, move.Fault));
        var stuck = Row(AttachmentStep.Drain, AttachmentState.Error, fault: FaultCode.BackendFailed);
        Assert.Equal(StepEnd.Later, After(stuck, StepOutcome.Refused("stuck", FaultCode.BackendFailed)).End);
        Assert.Equal((AttachmentState.Detaching, AttachmentStep.Unclaim), (After(stuck, StepOutcome.Done).Move!.State, After(stuck, StepOutcome.Done).Move!.Step));
    }

    [Theory]
    [InlineData(AttachmentStep.Check, 0, AttachmentStep.Unclaim)]
    [InlineData(AttachmentStep.Claim, 3, AttachmentStep.Unclaim)]
    [InlineData(AttachmentStep.Bind, 0, AttachmentStep.Unclaim)]
    [InlineData(AttachmentStep.Prepare, 0, AttachmentStep.Release)]
    [InlineData(AttachmentStep.Act, 0, AttachmentStep.Release)]
    [InlineData(AttachmentStep.Act, 1, AttachmentStep.Undo)]
    [InlineData(AttachmentStep.Acting, 0, AttachmentStep.Undo)]
    public void An_attach_under_way_is_taken_back_from_where_it_is(AttachmentStep step, int attempts, AttachmentStep first) =>
        Assert.Equal(first, AttachmentRules.Undo(Row(step, attempts: attempts)));

    [Theory]
    [InlineData(AttachmentState.Detaching)]
    [InlineData(AttachmentState.Error)]
    public void What_is_being_given_back_is_not_begun_again(AttachmentState state) => Assert.Null(AttachmentRules.Undo(Row(AttachmentStep.Drain, state)));

    [Fact]
    public void Only_a_caller_who_may_use_any_server_is_not_asked_about()
    {
        Assert.Equal(AttachmentStep.Check, AttachmentRules.First(AttachTarget.Instance, trusted: false));
        Assert.Equal(AttachmentStep.Claim, AttachmentRules.First(AttachTarget.Instance, trusted: true));
        Assert.Equal(AttachmentStep.Claim, AttachmentRules.First(AttachTarget.Host, trusted: false));
    }

    [Fact]
    public void A_step_that_can_not_be_done_is_tried_ever_less_often() =>
        Assert.Equal([0.5, 1, 2, 4, 8, 16, 30, 30], Enumerable.Range(0, 7).Append(1_000_000).Select(AttachmentRules.Delay));

    [Theory]
    [InlineData("""{"instanceAction": {"message": null, "events": [{"result": "Success", "finish_time": "2026-01-01T00:00:00"}]}}""", "Done")]
    [InlineData("""{"instanceAction": {"message": null, "events": [{"result": null, "finish_time": null}]}}""", "Wait")]
    [InlineData("""{"instanceAction": {"message": null, "events": []}}""", "Wait")]
    [InlineData("""{"instanceAction": {"message": null, "events": [{"result": "Success", "finish_time": "x"}, {"result": "Error", "finish_time": "x"}]}}""", "Refused")]
    [InlineData("""{"instanceAction": {"message": "Error", "events": []}}""", "Refused")]
    [InlineData("""{"instanceAction": {"message": "Error"}}""", "Refused")]
    [InlineData("""{"instanceAction": {"message": null}}""", "Done")]
    [InlineData("""{}""", "Done")]
    [InlineData("""[]""", "Later")]
    [InlineData("""<html>""", "Later")]
    public void A_record_of_an_action_tells_what_became_of_it(string body, string result) =>
        Assert.Equal(result, NovaAttachments.Read(Encoding.UTF8.GetBytes(body)).Result.ToString());

    private static StepDecision After(AttachmentStep step, StepOutcome outcome) => After(Row(step), outcome);

    private static StepDecision After(AttachmentRow row, StepOutcome outcome) => AttachmentRules.After(new AttachmentJob(row, 0), outcome);

    private static AttachmentRow Row(AttachmentStep step, AttachmentState state = AttachmentState.Attaching, int attempts = 0, FaultCode? fault = null) => new()
    {
        Step = step,
        State = state,
        JobAttempts = attempts,
        TargetType = AttachTarget.Instance,
        Reason = fault is null ? null : "why",
        Fault = fault?.ToString(),
    };

    /// <summary>The steps, if all goes well.</summary>
    private static string Walk(
        AttachTarget target, AttachmentStep from, StepOutcome outcome, AttachmentState state = AttachmentState.Attaching, AttachmentStep? stopAt = null)
    {
        var (words, row) = (new List<string> { $"{from}" }, new AttachmentRow { Step = from, State = state, TargetType = target });
        while (true)
        {
            var decision = After(row, outcome);
            if (decision.Move is not { } move)
            {
                words.Add("gone");
                return string.Join(' ', words);
            }
            words.Add(move.Step?.ToString() ?? $"{move.State}");
            if (move.Step is null || move.Step == stopAt)
                return string.Join(' ', words);
            row = new AttachmentRow { Step = move.Step, State = move.State, TargetType = target };
        }
    }
}
