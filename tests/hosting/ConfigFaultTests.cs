namespace Cyborg.Hosting.Tests;

public sealed class ConfigFaultTests
{
    private static readonly Option<string> Password = Options.Secret("s", "password", "", "A secret.", text => text.Length > 20 ? "is too long" : null);
    private static readonly Option<IReadOnlyList<string>> Multi = Options.Multi("s", "multi", [], "Repeatable.");
    private static readonly Option[] Known =
    [
        Options.Integer("s", "count", 7, "A count.", min: 1, max: 100),
        Options.Integer("s", "port", 1, "A port.", min: 1),
        Options.Number("s", "ratio", 1.5, "A ratio."),
        Options.Boolean("s", "flag", false, "A flag."),
        Options.Choice("s", "word", "a", ["a", "b"], "A word."),
        Options.List("s", "list", [], "A list."),
        Options.String("s", "text", "", "A text."),
        Password,
        Multi,
    ];

    private static IReadOnlyList<string> Faults(string text) =>
        Assert.Throws<ConfigException>(() => CyborgConfig.Parse([new("f.conf", text)], Known)).Faults;

    [Theory]
    [InlineData("count = x", "[s] count: 'x' is not an integer; write a whole number from 1 to 100")]
    [InlineData("count =", "[s] count: '' is not an integer; write a whole number from 1 to 100")]
    [InlineData("count = 0", "[s] count: '0' is out of bounds; write a whole number from 1 to 100")]
    [InlineData("count = 99999999999999999999", "[s] count: '99999999999999999999' is not an integer; write a whole number from 1 to 100")]
    [InlineData("count = 1.0", "[s] count: '1.0' is not an integer; write a whole number from 1 to 100")]
    [InlineData("port = -1", "[s] port: '-1' is out of bounds; write a whole number of at least 1")]
    [InlineData("ratio = NaN", "[s] ratio: 'NaN' is not a number; write a number of at least 0")]
    [InlineData("ratio = 1e999", "[s] ratio: '1e999' is not a number; write a number of at least 0")]
    [InlineData("ratio = -0.1", "[s] ratio: '-0.1' is out of bounds; write a number of at least 0")]
    [InlineData("flag = maybe", "[s] flag: 'maybe' is not a boolean; write true or false")]
    [InlineData("flag =", "[s] flag: '' is not a boolean; write true or false")]
    [InlineData("word = A", "[s] word: 'A' is none of the values that it can have; write one of a, b")]
    [InlineData("list = \"a,b", "[s] list: '\"a,b' has a quote that is not closed; close it before the next comma or the end")]
    [InlineData("text = $nope", "[s] text: '$nope' refers to $nope, which no option is; write $$ for a dollar sign")]
    [InlineData("text = $text", "[s] text: '$text' refers to itself, or through too many other options; write the value itself")]
    [InlineData("multi = a\nmulti = ${s.multi}x", "[s] multi: '${s.multi}x' refers to itself, or through too many other options; write the value itself")]
    public void A_bad_value_is_told_in_one_line(string line, string expected) =>
        Assert.Equal($"f.conf:{1 + line.Split('\n').Length}: {expected}", Assert.Single(Faults("[s]\n" + line)));

    [Theory]
    [InlineData("count = 1", 1, "sets count before any section; write [DEFAULT] above it")]
    [InlineData("[s]\nnonsense", 2, "is neither a section, a comment nor an assignment; write name = value")]
    [InlineData("[s]\n= 1", 2, "has no name before the value; write name = value")]
    [InlineData("[s\ncount = wrong", 1, "begins a section but does not end with ']'; write [section]")]
    [InlineData("[]\ncount = wrong", 1, "names no section; write [section]")]
    [InlineData("[s]\n  count = 1", 2, "is indented and so continues a value, but there is none above; remove the leading white space")]
    [InlineData("[s]\ntext = a\u0000b", 2, "has a control character; remove it")]
    [InlineData("[s]\ntext = a\u001b[31mb", 2, "has a control character; remove it")]
    public void A_bad_line_is_told_with_its_number(string text, int line, string expected) =>
        Assert.Equal($"f.conf:{line}: {expected}", Assert.Single(Faults(text)));

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var faults = Faults("[s]\ncount = x\nnonsense\nflag = y\n[s\nlost = 1\n[s]\nratio = z\ncount = 5000");
        Assert.Equal(["f.conf:3:", "f.conf:5:", "f.conf:9:", "f.conf:4:", "f.conf:8:"], faults.Select(fault => fault.Split(' ')[0]));
    }

    [Fact]
    public void Only_the_assignment_that_counts_is_checked() =>
        Assert.Equal(5, CyborgConfig.Parse([new("f", "[s]\ncount = x\ncount = 5")], Known).Get((Option<int>)Known[0]));

    [Theory]
    [InlineData("password = hunter2-hunter2-hunter2")]
    [InlineData("password = hunter2$hunter2x")]
    [InlineData("password = ${hunter2}")]
    [InlineData("password = $password")]
    public void A_secret_is_never_in_a_fault(string line)
    {
        var fault = Assert.Single(Faults("[s]\n" + line));
        Assert.StartsWith("f.conf:2: [s] password: the value ", fault);
        Assert.DoesNotContain("hunter2", fault);
    }

    [Fact]
    public void A_secret_that_another_option_refers_to_is_not_in_its_fault()
    {
        var fault = Assert.Single(Faults("[s]\npassword = hunter2\ncount = $password"));
        Assert.Equal("f.conf:3: [s] count: '$password' is not an integer; write a whole number from 1 to 100", fault);
    }

    [Fact]
    public void A_fault_is_one_line_whatever_the_value()
    {
        var fault = Assert.Single(Faults("[s]\ncount = a\n  b\u2028c\n  " + new string('x', 500)));
        Assert.DoesNotContain(fault, char.IsControl);
        Assert.DoesNotContain('\u2028', fault);
        Assert.True(fault.Length < 250, fault);
    }

    [Fact]
    public void A_file_without_end_is_refused() =>
        Assert.Contains("is longer than", Assert.Single(Faults("[s]\ntext = " + new string('x', ConfigReader.MaxLength))));

    [Fact]
    public void References_that_multiply_are_bounded()
    {
        var lines = Enumerable.Range(0, 14).Select(i => $"a{i} = $a{i + 1}$a{i + 1}$a{i + 1}$a{i + 1}$a{i + 1}$a{i + 1}$a{i + 1}$a{i + 1}");
        var fault = Assert.Single(Faults($"[s]\n{string.Join('\n', lines)}\na14 = xxxxxxxx\ntext = $a0"));
        Assert.Contains("is longer than", fault);
    }
}
