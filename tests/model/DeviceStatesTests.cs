namespace Cyborg.Model.Tests;

public sealed class DeviceStatesTests
{
    [Fact]
    public void Each_event_leads_to_one_state_wherever_it_happens() =>
        Assert.All(
            DeviceStates.Transitions.GroupBy(pair => pair.Key.Event),
            happened => Assert.Single(happened.Select(pair => pair.Value).Distinct()));

    [Fact]
    public void No_event_leads_to_the_state_it_came_from() =>
        Assert.All(DeviceStates.Transitions, pair => Assert.NotEqual(pair.Key.From, pair.Value));

    [Fact]
    public void Every_state_can_be_left_and_be_reached()
    {
        var reached = DeviceStates.Transitions.Values.Append(DeviceStates.AtFirstReport(false)).ToHashSet();
        Assert.All(Enum.GetValues<DeviceState>(), state =>
        {
            Assert.Contains(state, reached);
            Assert.Contains(DeviceStates.Transitions.Keys, key => key.From == state);
        });
    }

    [Fact]
    public void Only_a_ready_device_is_enabled_in_v2()
    {
        Assert.Equal("enabled", DeviceStates.V2Status(DeviceState.Ready));
        Assert.All(Enum.GetValues<DeviceState>().Where(state => state != DeviceState.Ready), state => Assert.Equal("maintaining", DeviceStates.V2Status(state)));
    }

    [Fact]
    public void An_initially_ready_device_is_still_installed_first() =>
        Assert.Equal(DeviceState.Installing, DeviceStates.AtFirstReport(initiallyReady: true));

    [Theory]
    [InlineData(DeviceEvent.Enable, new[] { DeviceState.Inactive, DeviceState.Error })]
    [InlineData(DeviceEvent.Installed, new[] { DeviceState.Installing })]
    [InlineData(DeviceEvent.Disable, new[] { DeviceState.Installing, DeviceState.Ready, DeviceState.Error })]
    public void An_event_means_something_in_some_states_only(DeviceEvent happened, DeviceState[] states) =>
        Assert.Equal(states, DeviceStates.From(happened));
}
