namespace Cyborg.Model.Tests;

public sealed class AttachmentTests
{
    [Fact]
    public void Targets_and_states_have_words()
    {
        Assert.All(Enum.GetValues<AttachTarget>(), target => Assert.Equal(target, AttachmentWords.Target(AttachmentWords.Of(target))));
        Assert.All(new[] { null, "", "Host", "server" }, word => Assert.Null(AttachmentWords.Target(word)));
        Assert.Equal(["attaching", "attached", "detaching", "error"], Enum.GetValues<AttachmentState>().Select(AttachmentWords.Of));
    }

    [Fact]
    public void An_accelerator_is_attaching_only_when_it_could_be_ready()
    {
        var ready = new AcceleratorSituation(null, null, DeviceState.Ready, null) { Handles = 2, FreeHandles = 1, Attaching = true };
        Assert.Equal(AcceleratorState.Attaching, AcceleratorStates.Of(ready).State);
        Assert.Equal(AcceleratorState.Error, AcceleratorStates.Of(ready with { Missing = true }).State);
        Assert.Equal(AcceleratorState.Inactive, AcceleratorStates.Of(ready with { Device = DeviceState.Inactive }).State);
        Assert.Equal(AcceleratorState.Attached, AcceleratorStates.Of(ready with { Attaching = false, FreeHandles = 0 }).State);
    }
}
