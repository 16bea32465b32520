namespace Cyborg.Hosting.Tests;

/// <summary>Files and the values that oslo.config reads from them.</summary>
public sealed class ConfigSyntaxTests
{
    private static readonly Option<string> Text = Options.String("s", "text", "default", "A text.");
    private static readonly Option<string?> Maybe = Options.OptionalString("s", "maybe", "A text or none.");
    private static readonly Option<int> Count = Options.Integer("s", "count", 7, "A count.", min: 1, max: 100);
    private static readonly Option<double> Ratio = Options.Number("s", "ratio", 1.5, "A ratio.");
    private static readonly Option<bool> Flag = Options.Boolean("s", "flag", false, "A flag.");
    private static readonly Option<string> Word = Options.Choice("s", "word", "a", ["a", "b"], "A word.");
    private static readonly Option<IReadOnlyList<string>> List = Options.List("s", "list", ["x"], "A list.");
    private static readonly Option<IReadOnlyList<string>> Multi = Options.Multi("s", "multi", [], "Repeatable.");
    private static readonly Option[] Known = [Text, Maybe, Count, Ratio, Flag, Word, List, Multi];

    private static CyborgConfig Parse(params string[] files) =>
        CyborgConfig.Parse([.. files.Select((text, i) => new ConfigSource($"{i + 1}.conf", text))], Known);

    [Theory]
    [InlineData("[s]\ntext = a b", "a b")]
    [InlineData("[s]\ntext: a", "a")]
    [InlineData("[s]\ntext=a=b:c", "a=b:c")]
    [InlineData("[s]\ntext:a=b", "a=b")]
    [InlineData("[s]\ntext =", "")]
    [InlineData("[s]\ntext\t=\t a\t ", "a")]
    [InlineData("[s]\r\ntext = a\r\n", "a")]
    [InlineData("\uFEFF[s]\ntext = a", "a")]
    [InlineData("[s]\ntext = a # no comment", "a # no comment")]
    [InlineData("[s]\n# text = a\n;text = b", "default")]
    [InlineData("[s]\ntext = a\n  b\n\tc", "a\nb\nc")]
    [InlineData("[s]\ntext = a\n\ncount = 1", "a")]
    [InlineData("[s]\ntext = a\n  # part of the value", "a\n# part of the value")]
    [InlineData("[s]\n\n   # a comment of its own\ntext = a", "a")]
    [InlineData("[s]\ntext = \" a \"", " a ")]
    [InlineData("[s]\ntext = 'a'", "a")]
    [InlineData("[s]\ntext = 'a\"", "'a\"")]
    [InlineData("[s]\ntext = \"a", "\"a")]
    [InlineData("[s]\ntext = \"", "")]
    [InlineData("[s]\ntext = a\n[t]\ntext = b", "a")]
    [InlineData("[s]\ntext = a\n[t]\nx=1\n[s]\ntext = b", "b")]
    [InlineData("[S]\ntext = a", "default")]
    [InlineData("[s]\nTEXT = a", "default")]
    [InlineData("", "default")]
    [InlineData("[s]", "default")]
    [InlineData("[s]\ntext = Ünïcode 漢字 😀", "Ünïcode 漢字 😀")]
    public void Text_is_read_as_oslo_reads_it(string file, string expected) => Assert.Equal(expected, Parse(file).Get(Text));

    [Theory]
    [InlineData("true", true)]
    [InlineData("True", true)]
    [InlineData("1", true)]
    [InlineData("YES", true)]
    [InlineData("on", true)]
    [InlineData("false", false)]
    [InlineData("0", false)]
    [InlineData("No", false)]
    [InlineData("OFF", false)]
    public void Booleans_have_oslos_words(string text, bool expected) => Assert.Equal(expected, Parse($"[s]\nflag = {text}").Get(Flag));

    [Theory]
    [InlineData("1", 1)]
    [InlineData("100", 100)]
    [InlineData("+5", 5)]
    [InlineData("\"5\"", 5)]
    [InlineData("007", 7)]
    public void Integers_are_read_within_bounds(string text, int expected) => Assert.Equal(expected, Parse($"[s]\ncount = {text}").Get(Count));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("2.25", 2.25)]
    [InlineData("1e3", 1000)]
    public void Numbers_have_a_point(string text, double expected) => Assert.Equal(expected, Parse($"[s]\nratio = {text}").Get(Ratio));

    [Theory]
    [InlineData("a,b", "a|b")]
    [InlineData(" a , b ", "a|b")]
    [InlineData("", "")]
    [InlineData(",", "")]
    [InlineData("a,", "a")]
    [InlineData("a b", "a b")]
    [InlineData("\"a,b\"", "a|b")]
    [InlineData("\"a\",\"b\"", "a|b")]
    [InlineData("\"a,b\",c", "a,b|c")]
    [InlineData("\"a,b\",\"c\"", "a,b|c")]
    [InlineData("'a,\"b\"',c", "a,\"b\"|c")]
    [InlineData("\"\",a", "|a")]
    [InlineData("a'b,c", "a'b|c")]
    public void Lists_are_split_at_commas_outside_quotes(string text, string expected) =>
        Assert.Equal(expected, string.Join('|', Parse($"[s]\nlist = {text}").Get(List)));

    [Fact]
    public void A_list_may_stand_on_several_lines() => Assert.Equal(["a", "b", "c"], Parse("[s]\nlist = a,\n  b,\n  c").Get(List));

    [Fact]
    public void Of_a_repeated_key_the_last_wins_and_multi_collects_all()
    {
        var config = Parse("[s]\ntext=1\nmulti=1\ntext=2\nmulti=2", "[s]\ntext=3\nmulti=3,4");
        Assert.Equal("3", config.Get(Text));
        Assert.Equal(["1", "2", "3,4"], config.Get(Multi));
    }

    [Fact]
    public void An_option_that_no_file_sets_has_its_default()
    {
        var config = Parse();
        Assert.Equal("default", config.Get(Text));
        Assert.Null(config.Get(Maybe));
        Assert.Equal(7, config.Get(Count));
        Assert.Equal(["x"], config.Get(List));
        Assert.False(config.IsSet(Text));
    }

    [Fact]
    public void An_empty_optional_text_is_none() => Assert.Null(Parse("[s]\nmaybe =").Get(Maybe));

    [Fact]
    public void A_choice_is_one_of_its_words() => Assert.Equal("b", Parse("[s]\nword = b").Get(Word));

    [Fact]
    public void A_value_set_in_code_wins_and_counts_as_set()
    {
        var file = Parse("[s]\ncount = 2");
        var config = file.With(Count, 3);
        Assert.Equal(3, config.Get(Count));
        Assert.True(config.With(Text, "t").IsSet(Text));
        Assert.Equal(2, file.Get(Count));
        Assert.Equal("1.conf:2: [s] count", file.Place(Count));
        Assert.Equal("[s] count", config.Place(Count));
    }

    [Fact]
    public void Sections_are_listed_as_they_come() =>
        Assert.Equal(["t", "s"], Parse("[t]\na=1\n[empty]\n[s]\ntext=1\n[t]\nb=2").Sections);

    [Fact]
    public void Dynamic_sections_are_declared_by_their_beginning()
    {
        var addresses = Options.List("vgpu_*", "device_addresses", [], "Addresses.");
        var config = CyborgConfig.Parse([new("f", "[vgpu_a]\ndevice_addresses = 1,2\nother = 3")], [addresses]);
        Assert.Equal(["1", "2"], config.Get(addresses with { Section = "vgpu_a" }));
        Assert.Empty(config.Get(addresses with { Section = "vgpu_b" }));
        Assert.Contains("[vgpu_a] other", Assert.Single(config.Warnings));
    }

    [Fact]
    public void An_unknown_option_warns_once_with_its_first_place()
    {
        var config = Parse("[s]\ntxet = 1\ntxet = 2\n[odd]\nx = secret", "[s]\ntxet = 3");
        Assert.Equal(2, config.Warnings.Count);
        Assert.StartsWith("1.conf:2: [s] txet is not an option", config.Warnings[0]);
        Assert.StartsWith("1.conf:5: [odd] x is not an option", config.Warnings[1]);
        Assert.DoesNotContain("secret", string.Concat(config.Warnings));
    }

    [Fact]
    public void Sections_of_an_agents_backends_do_not_warn() =>
        Assert.Contains(
            "[odd] x",
            Assert.Single(Parse("[rack-7]\nbackend_driver = static\ninventory = /x\n[vgpu_nvidia-223]\ndevice_addresses = 0000:84:00.0\n[mdev]\nenabled_vgpu_types = a\n[odd]\nx = 1").Warnings),
            StringComparison.Ordinal);

    [Fact]
    public void Options_of_other_services_do_not_warn() =>
        Assert.Empty(Parse("[agent]\nenabled_drivers = fake\n[vgpu_a]\ndevice_addresses = 1\n[conductor]\nsave_interval = 1").Warnings);

    [Fact]
    public void A_slip_in_another_services_section_warns_too() =>
        Assert.EndsWith("; did you mean enabled_drivers?", Assert.Single(Parse("[agent]\nenabled_driver = fake").Warnings), StringComparison.Ordinal);

    [Fact]
    public void A_section_that_a_log_in_is_taken_from_does_not_warn() =>
        Assert.Empty(Parse("[nova]\nauth_section = shared\n[shared]\nauth_url = http://h\npassword = x").Warnings);

    [Fact]
    public void What_upstream_reads_and_nobody_here_is_a_note_with_its_reason()
    {
        var config = Parse("[DEFAULT]\nlog_file = x\nlog_file = y\n[oslo_messaging_rabbit]\nanything = secret\n[x710_static]\nphysical_device_mappings = a");
        Assert.Empty(config.Warnings);
        Assert.Equal(3, config.Notes.Count);
        Assert.Equal("1.conf:2: [DEFAULT] log_file has no effect: the log goes to standard error, where systemd's journal takes and keeps it", config.Notes[0]);
        Assert.DoesNotContain("secret", string.Concat(config.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void What_nobody_has_ever_read_warns() => Assert.Equal(
        "1.conf:2: [service_catalog] auth_url is read by nobody: devstack writes it, and no service has ever read it",
        Assert.Single(Parse("[service_catalog]\nauth_url = x").Warnings));
}
