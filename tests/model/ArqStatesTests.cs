namespace Cyborg.Model.Tests;

public sealed class ArqStatesTests
{
    [Fact]
    public void Every_state_has_a_row() =>
        Assert.Equal(Enum.GetValues<ArqState>().Order(), ArqStates.AllowedFrom.Keys.Order());

    [Theory]
    [InlineData(ArqState.Initial, ArqState.BindStarted, true)]
    [InlineData(ArqState.Unbound, ArqState.BindStarted, true)]
    [InlineData(ArqState.Bound, ArqState.BindStarted, false)]
    [InlineData(ArqState.BindStarted, ArqState.Bound, true)]
    [InlineData(ArqState.Initial, ArqState.Bound, false)]
    [InlineData(ArqState.BindFailed, ArqState.Unbound, true)]
    [InlineData(ArqState.UnbindFailed, ArqState.Unbound, true)]
    [InlineData(ArqState.Deleting, ArqState.Unbound, false)]
    [InlineData(ArqState.Deleting, ArqState.Deleting, false)]
    public void A_transition_is_allowed_or_not(ArqState from, ArqState to, bool allowed) => Assert.Equal(allowed, ArqStates.Allows(from, to));

    [Fact]
    public void Nothing_becomes_initial_again() => Assert.Empty(ArqStates.AllowedFrom[ArqState.Initial]);

    [Fact]
    public void Everything_but_deleting_can_be_deleted() =>
        Assert.Equal(Enum.GetValues<ArqState>().Where(state => state != ArqState.Deleting).Order(), ArqStates.AllowedFrom[ArqState.Deleting].Order());

    [Fact]
    public void A_scope_without_a_project_sees_nothing()
    {
        var nobody = new Caller { ProjectId = null }.Scope;
        Assert.False(nobody.Sees(null));
        Assert.False(nobody.Sees("p"));
        Assert.True(new Caller { ProjectId = "p" }.Scope.Sees("p"));
        Assert.False(new Caller { ProjectId = "p" }.Scope.Sees("q"));
        Assert.True(new Caller { IsAdmin = true }.Scope.Sees("q"));
    }
}
