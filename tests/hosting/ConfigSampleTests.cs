namespace Cyborg.Hosting.Tests;

public sealed class ConfigSampleTests
{
    private static readonly Option[] Known =
    [
        Options.Integer("b", "count", 7, "How many there are; a sentence that is long enough to be broken into lines, for nobody reads lines that have no end.", min: 1, max: 100) with { IsMutable = true },
        Options.List("b", "addresses", ["x", "y"], "Addresses."),
        Options.Choice("a", "word", "one", ["one", "two"], "A word."),
        Options.OptionalString("a", "path", "A path."),
        Options.Secret("DEFAULT", "password", "", "A password."),
        Options.String("DEFAULT", "name", "this", "A name.") with { SampleDefault = "the name of this machine" },
        Options.Boolean("z_*", "flag", true, "A flag."),
    ];

    [Fact]
    public void A_sample_is_in_oslos_form() => Assert.Equal(
        """
        [DEFAULT]

        # A name. (string value)
        # This option has a sample default set, which means that its actual default value may vary from the one documented below.
        #name = <the name of this machine>

        # A password. (string value)
        #password =


        [a]

        # A path. (string value)
        #path = <None>

        # A word. (string value)
        # Possible values: one, two
        #word = one


        [b]

        # Addresses. (list value)
        #addresses = x,y

        # How many there are; a sentence that is long enough to be broken into lines, for nobody reads lines
        # that have no end. (integer value)
        # Minimum value: 1
        # Maximum value: 100
        # Note: This option can be changed without restarting.
        #count = 7


        #[z_*]
        # Every section whose name begins with z_ may hold these options.

        # A flag. (boolean value)
        #flag = true

        """.ReplaceLineEndings("\n"),
        ConfigSample.Of(Known));

    [Fact]
    public void The_names_in_a_sample_are_found_again() => Assert.Equal(
        Known.Select(option => (option.Section, option.Name)).Order(), ConfigSample.NamesIn(ConfigSample.Of(Known)).Order());

    [Fact]
    public void The_samples_own_lines_set_nothing() =>
        Assert.Equal(0, CyborgConfig.Parse([new("f", ConfigSample.Of(Known))], Known).SetCount);

    [Fact]
    public void No_option_that_has_no_effect_is_read_by_a_service() => Assert.DoesNotContain(
        IgnoredOptions.All, option => option.Name != "*" && option.Section != "*" && HouseOptions.Knows(option.Section, option.Name));

    [Fact]
    public void Every_ignored_option_has_a_reason_that_ends_a_sentence() => Assert.All(IgnoredOptions.All, option =>
    {
        Assert.DoesNotContain(option.Reason, ch => ch is '\n');
        Assert.False(option.Reason.EndsWith('.'), option.Reason);
        Assert.True(option.Reason.Length > 10);
    });
}
