using Cyborg.Agent.Handles;
using Cyborg.Agent.Journal;

namespace Cyborg.Agent.Tests;

public sealed class HandleRulesTests
{
    private static readonly HandleEntry Five = new(Guid.NewGuid(), 5, Guid.NewGuid(), HandleVerb.Attach, HandleStage.InFlight);
    private static readonly HandleEntry FiveDone = Five with { Stage = HandleStage.Done };

    [Fact]
    public void The_first_command_for_a_handle_runs() => Assert.Equal(HandleDecision.Run, HandleRules.Decide(null, false, Five));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_higher_generation_runs_and_a_lower_one_is_stale(bool underWay)
    {
        Assert.Equal(HandleDecision.Run, HandleRules.Decide(Five, underWay, Five with { Generation = 6, Verb = HandleVerb.Detach }));
        Assert.Equal(HandleDecision.Stale, HandleRules.Decide(Five, underWay, Five with { Generation = 4 }));
        Assert.Equal(HandleDecision.Stale, HandleRules.Decide(FiveDone, underWay, Five with { Generation = 4, Arq = Guid.NewGuid() }));
    }

    [Fact]
    public void The_same_work_joins_what_is_under_way() => Assert.Equal(HandleDecision.Join, HandleRules.Decide(Five, true, Five));

    [Fact]
    public void The_same_work_that_a_former_start_left_half_done_runs_again() =>
        Assert.Equal(HandleDecision.RunAgain, HandleRules.Decide(Five, false, Five));

    [Fact]
    public void The_same_work_that_is_done_is_answered_from_the_journal()
    {
        Assert.Equal(HandleDecision.Stored, HandleRules.Decide(FiveDone, false, Five));
        Assert.Equal(HandleDecision.Stored, HandleRules.Decide(FiveDone with { Verb = HandleVerb.Detach }, false, Five with { Verb = HandleVerb.Detach }));
    }

    [Fact]
    public void A_failed_attach_is_answered_from_the_journal_and_a_failed_detach_runs_again()
    {
        var failed = Five with { Stage = HandleStage.Failed, Error = "no power" };
        Assert.Equal(HandleDecision.Stored, HandleRules.Decide(failed, false, Five));
        Assert.Equal(HandleDecision.RunAgain, HandleRules.Decide(failed with { Verb = HandleVerb.Detach }, false, Five with { Verb = HandleVerb.Detach }));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Other_work_of_the_same_generation_is_a_contradiction(bool underWay)
    {
        Assert.Equal(HandleDecision.Contradiction, HandleRules.Decide(Five, underWay, Five with { Verb = HandleVerb.Detach }));
        Assert.Equal(HandleDecision.Contradiction, HandleRules.Decide(FiveDone, underWay, Five with { Arq = Guid.NewGuid() }));
    }
}
