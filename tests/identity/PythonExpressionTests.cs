using Cyborg.Identity.Policy;

namespace Cyborg.Identity.Tests;

/// <summary>What Python takes for a literal, what for another expression, and what for none.</summary>
public sealed class PythonExpressionTests
{
    [Theory]
    [InlineData("'a'", "a")]
    [InlineData("\"it's\"", "it's")]
    [InlineData("u'a'", "a")]
    [InlineData("'a''b'", "ab")]
    [InlineData("'a\\n\\q'", "a\n\\q")]
    [InlineData("True", "True")]
    [InlineData("None", "None")]
    [InlineData("5", "5")]
    [InlineData("-5", "-5")]
    [InlineData("+5", "5")]
    [InlineData("00", "0")]
    [InlineData("1_000", "1000")]
    [InlineData("0x1F", "31")]
    [InlineData("0o17", "15")]
    [InlineData("0b101", "5")]
    [InlineData("123456789012345678901234567890", "123456789012345678901234567890")]
    [InlineData("5.", "5.0")]
    [InlineData(".5", "0.5")]
    [InlineData("007.5", "7.5")]
    [InlineData("1e5", "100000.0")]
    [InlineData("[]", "[]")]
    [InlineData("[1,'a',[None]]", "[1, 'a', [None]]")]
    [InlineData("[(1,2)]", "[(1, 2)]")]
    [InlineData("(1)", "1")]
    [InlineData("(1,)", "(1,)")]
    [InlineData("1,2", "(1, 2)")]
    [InlineData("()", "()")]
    [InlineData("{}", "{}")]
    [InlineData(" 5 # five", "5")]
    public void Literals_are_known_with_their_text(string text, string expected)
    {
        Assert.Equal(PythonForm.Literal, PythonExpression.Read(text, out var literal));
        Assert.Equal(expected, literal);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a.b.c")]
    [InlineData("a-b")]
    [InlineData("a#b")]
    [InlineData("a[0]")]
    [InlineData("a(b,1)")]
    [InlineData("--5")]
    [InlineData("-a")]
    [InlineData("5-3")]
    [InlineData("'a'.b")]
    [InlineData("[a]")]
    [InlineData("1,a")]
    [InlineData("not a")]
    [InlineData("a is not b")]
    [InlineData("a not in b or c")]
    [InlineData("ünï")]
    [InlineData("a==b")]
    [InlineData("-True")]
    public void Expressions_are_no_literals(string text) => Assert.Equal(PythonForm.Expression, PythonExpression.Read(text, out _));

    [Theory]
    [InlineData("")]
    [InlineData("a.")]
    [InlineData(".a")]
    [InlineData("a..b")]
    [InlineData("007")]
    [InlineData("5x")]
    [InlineData("1__0")]
    [InlineData("'a")]
    [InlineData("a=b")]
    [InlineData("a b")]
    [InlineData("a$")]
    [InlineData("class")]
    [InlineData("a.if")]
    [InlineData("(a")]
    [InlineData("[a)")]
    [InlineData("a not b")]
    [InlineData("%(x)s")]
    [InlineData("{1}")]
    [InlineData("b'x'")]
    [InlineData("😀")]
    public void Anything_else_is_not_read(string text) => Assert.Equal(PythonForm.Unreadable, PythonExpression.Read(text, out _));

    [Fact]
    public void Depth_is_bounded() =>
        Assert.Equal(PythonForm.Unreadable, PythonExpression.Read(new string('[', 10_000) + new string(']', 10_000), out _));
}
