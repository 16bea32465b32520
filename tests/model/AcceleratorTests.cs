namespace Cyborg.Model.Tests;

public sealed class AcceleratorTests
{
    [Theory]
    [InlineData("creating", null, false, 0, 0, AcceleratorState.Creating)]
    [InlineData("error", null, false, 0, 0, AcceleratorState.Error)]
    [InlineData(null, DeviceState.Inactive, false, 1, 1, AcceleratorState.Inactive)]
    [InlineData(null, DeviceState.Installing, false, 1, 1, AcceleratorState.Installing)]
    [InlineData(null, DeviceState.Ready, false, 2, 1, AcceleratorState.Ready)]
    [InlineData(null, DeviceState.Ready, false, 2, 0, AcceleratorState.Attached)]
    [InlineData(null, DeviceState.Ready, false, 0, 0, AcceleratorState.Ready)]
    [InlineData(null, DeviceState.Error, false, 1, 1, AcceleratorState.Error)]
    [InlineData(null, DeviceState.Ready, true, 1, 1, AcceleratorState.Error)]
    [InlineData("deleting", DeviceState.Inactive, false, 1, 1, AcceleratorState.Deleting)]
    [InlineData("deleting", null, false, 0, 0, AcceleratorState.Deleting)]
    public void The_state_follows_from_row_device_and_handles(string? phase, DeviceState? device, bool missing, int handles, int free, AcceleratorState expected)
    {
        var (state, reason) = AcceleratorStates.Of(new AcceleratorSituation(phase, "row", device, "device") { Missing = missing, Handles = handles, FreeHandles = free });
        Assert.Equal(expected, state);
        Assert.Equal(expected == AcceleratorState.Error, reason is not null);
    }

    [Fact]
    public void An_attachment_under_way_shows_only_on_an_installed_device()
    {
        Assert.Equal(AcceleratorState.Attaching, AcceleratorStates.Of(new AcceleratorSituation(null, null, DeviceState.Ready, null) { Attaching = true }).State);
        Assert.Equal(AcceleratorState.Error, AcceleratorStates.Of(new AcceleratorSituation(null, null, DeviceState.Error, "x") { Attaching = true }).State);
        Assert.Equal("attaching", AcceleratorStates.Word(AcceleratorState.Attaching));
    }

    [Theory]
    [InlineData("""{"num":2,"ipsec":{"aes":{}}}""", "ipsec")]
    [InlineData("""{"num":2,"IPSec":{},"zip":{}}""", "ipsec")]
    [InlineData("""{"num":2}""", "crypto")]
    [InlineData("""{"":{}}""", "crypto")]
    [InlineData("[]", "crypto")]
    [InlineData("nonsense", "crypto")]
    public void The_type_is_the_first_function_or_the_kind(string capability, string expected) =>
        Assert.Equal(expected, new AccSpecs(false, 1, "CRYPTO", capability).AccType());

    [Theory]
    [InlineData(0, "X", "{}")]
    [InlineData(1025, "X", "{}")]
    [InlineData(1, "", "{}")]
    [InlineData(1, "X", "[]")]
    [InlineData(1, "X", "{")]
    [InlineData(1, "X", "1")]
    public void A_spec_beyond_its_bounds_has_a_fault(int num, string type, string capability) =>
        Assert.NotNull(new AccSpecs(false, num, type, capability).Fault());

    [Fact]
    public void Plain_specs_have_none() => Assert.Null(AccSpecs.Plain.Fault());

    [Fact]
    public void What_cannot_be_shown_of_a_drivers_words_is_left_out()
    {
        DriverAttribute[] bad = [new("acc_device_type", "CRYPTO"), new("acc_capability", "{not json"), new("acc_remote", "1")];
        Assert.Equal(new AccSpecs(true, 3, "GPU", """{"num":3}"""), AcceleratorFacts.Specs(DeviceType.GPU, 3, bad));
        Assert.Equal(new AccSpecs(true, 5000, "GPU", """{"x":{}}"""), AcceleratorFacts.Specs(DeviceType.GPU, 5000, [new("acc_capability", """{"x":{}}"""), new("acc_remote", "1")]));
    }

    [Theory]
    [InlineData("""{"product_id": "37c8", "device_id": "1"}""", "37c8")]
    [InlineData("""{"device_id": "0xabcd"}""", "0xabcd")]
    [InlineData("""{"device_id": 7}""", "7")]
    [InlineData("""{"device_id": null}""", null)]
    [InlineData("""{"device_id": ""}""", null)]
    [InlineData("[1]", null)]
    [InlineData("text", null)]
    [InlineData(null, null)]
    public void The_product_stands_in_the_board_facts(string? facts, string? expected) => Assert.Equal(expected, AcceleratorFacts.ProductId(facts));

    [Fact]
    public void A_name_that_is_taken_keeps_its_length()
    {
        var uuid = Guid.Parse("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9");
        Assert.Equal("card-0a1b2c3d", AcceleratorFacts.Distinguished("card", uuid));
        Assert.Equal(Accelerator.MaxName, AcceleratorFacts.Distinguished(new string('x', Accelerator.MaxName), uuid).Length);
    }

    [Fact]
    public void A_change_leaves_what_it_does_not_name()
    {
        var specs = new AccSpecs(true, 2, "A", "{}");
        Assert.Equal(specs, new AccSpecsChange(null, null, null, null).Apply(specs));
        Assert.Equal(new AccSpecs(false, 3, "B", """{"x":1}"""), new AccSpecsChange(false, 3, "B", """{"x":1}""").Apply(specs));
    }

    [Fact]
    public void Every_state_of_a_device_is_told_by_a_word_of_the_list() =>
        Assert.All(Enum.GetValues<DeviceState>(), state => Assert.Contains(AcceleratorEvents.Of(state), AcceleratorEvents.All));
}
