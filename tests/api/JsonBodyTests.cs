using System.Text;
using Cyborg.Api.Calls;
using Cyborg.Api.Errors;

namespace Cyborg.Api.Tests;

public sealed class JsonBodyTests
{
    [Theory]
    [InlineData("{", "Request is not in valid JSON format")]
    [InlineData("{\"a\": 1,}", "Request is not in valid JSON format")]
    [InlineData("{'a': 1}", "Request is not in valid JSON format")]
    [InlineData("{\"a\": NaN}", "Request is not in valid JSON format")]
    [InlineData("[1] [2]", "Request is not in valid JSON format")]
    [InlineData("// no\n{}", "Request is not in valid JSON format")]
    [InlineData("{\"a\": 1, \"a\": 2}", "a key is given twice")]
    [InlineData("{\"a\": 1, \"\\u0061\": 2}", "a key is given twice")]
    [InlineData("[{\"b\": {\"a\": 1, \"a\": 2}}]", "a key is given twice")]
    [InlineData("{\"a\": \"\\ud800\"}", "half a surrogate pair")]
    [InlineData("{\"\\udc00\": 1}", "half a surrogate pair")]
    [InlineData("{\"a\": \"\\u0000\"}", "NUL")]
    [InlineData("{\"\\u0000\": 1}", "NUL")]
    public void What_is_no_JSON_or_cannot_be_kept_is_malformed(string body, string text) =>
        Bodies.Refused(() => Bodies.Json(body), ApiError.Malformed, text);

    [Fact]
    public void Bytes_that_are_no_UTF8_are_malformed() =>
        Bodies.Refused(() => JsonBody.Parse("{\"a\": \"\u00e9\"}"u8.ToArray().Select(b => b == 0xC3 ? (byte)0xFF : b).ToArray()), ApiError.Malformed, "UTF-8");

    [Fact]
    public void Nesting_is_bounded()
    {
        var depth = JsonBody.MaxDepth;
        Bodies.Json(new string('[', depth) + new string(']', depth));
        Bodies.Refused(() => Bodies.Json(new string('[', depth + 1) + new string(']', depth + 1)), ApiError.Malformed, "nested deeper");
        Bodies.Refused(() => Bodies.Json(new string('[', 100_000)), ApiError.Malformed, "nested deeper");
    }

    [Fact]
    public void Numbers_of_any_size_are_read_without_harm()
    {
        var body = Bodies.Json("[1e999999999, 123456789012345678901234567890]");
        Assert.False(body[0].TryGetInt32(out _));
        Assert.False(body[1].TryGetInt32(out _));
    }

    [Fact]
    public void Text_beyond_ASCII_stays_what_it_is()
    {
        var body = JsonBody.Parse(Encoding.UTF8.GetBytes("""{"a": "Zürich 🦾 \ud83e\uddbe"}"""));
        Assert.Equal("Zürich 🦾 🦾", body.GetProperty("a").GetString());
    }

    [Theory]
    [InlineData("application/json", true)]
    [InlineData("application/json; charset=utf-8", true)]
    [InlineData("APPLICATION/JSON", true)]
    [InlineData("application/json-patch+json", false)]
    [InlineData("text/plain", false)]
    [InlineData("application/x-www-form-urlencoded", false)]
    [InlineData("nonsense", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_JSON_is_JSON(string? contentType, bool isJson) => Assert.Equal(isJson, JsonBody.IsJsonType(contentType));
}
