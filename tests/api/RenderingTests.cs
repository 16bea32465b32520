using System.Text.Json;
using Cyborg.Api.Calls;
using Cyborg.Api.Deployables;
using Cyborg.Api.Errors;
using Cyborg.Model;

namespace Cyborg.Api.Tests;

public sealed class RenderingTests
{
    [Theory]
    [InlineData("2026-11-22T12:35:14.519217Z", "2026-11-22T12:35:14.519217+00:00")]
    [InlineData("2026-11-22T12:35:14Z", "2026-11-22T12:35:14+00:00")]
    [InlineData("2026-11-22T12:35:14.0000009Z", "2026-11-22T12:35:14+00:00")]
    [InlineData("2026-11-22T14:35:14.5+02:00", "2026-11-22T12:35:14.500000+00:00")]
    public void Dates_have_microseconds_and_an_offset(string date, string expected) => Assert.Equal(
        expected, JsonWriting.DateText(DateTimeOffset.Parse(date, System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public void Attributes_are_a_JSON_text_spaced_as_Pythons()
    {
        Assert.Equal("[]", DeployableJson.AttributesText([]));
        Assert.Equal(
            """[{"traits1": "CUSTOM_FAKE_DEVICE"}, {"a\"b": "c\\d"}]""",
            DeployableJson.AttributesText([Attribute("traits1", "CUSTOM_FAKE_DEVICE"), Attribute("a\"b", "c\\d")]));
    }

    [Theory]
    [InlineData(null, "http://h:1", "", "http://h:1")]
    [InlineData(null, "http://h:1", "/accelerator", "http://h:1/accelerator")]
    [InlineData("https://cloud", "http://h:1", "", "https://cloud")]
    [InlineData("https://cloud/", "http://h:1", "/accelerator", "https://cloud/accelerator")]
    [InlineData("https://cloud/accelerator/", "http://h:1", "", "https://cloud/accelerator")]
    [InlineData("https://cloud/accelerator", "http://h:1", "/accelerator", "https://cloud/accelerator")]
    public void Links_begin_where_the_service_really_is(string? endpoint, string host, string mount, string root) =>
        Assert.Equal(root, Links.For(endpoint, host, mount).Root);

    [Fact]
    public void An_error_is_JSON_inside_JSON()
    {
        var inner = Inner(ErrorBody.Fault(404, "Device not found with uuid=\"x\""));
        Assert.Equal("""{"faultcode":"Client","faultstring":"Device not found with uuid=\"x\"","debuginfo":null}""", inner);
        Assert.Contains("\"Server\"", Inner(ErrorBody.Fault(503, "")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_of_the_router_is_JSON_or_plain_text()
    {
        Assert.Equal("""{"code":404,"title":"Not Found","description":""}""", Inner(ErrorBody.Abort(404, "", json: true)));
        Assert.Equal("404 Not Found\n\nThe resource could not be found.\n\n   ", Inner(ErrorBody.Abort(404, "", json: false)));
    }

    [Fact]
    public void A_locked_instance_is_the_word_null() => Assert.Equal("""{"error_message":"null"}""", System.Text.Encoding.UTF8.GetString(ErrorBody.Null));

    [Fact]
    public void Every_error_has_a_status()
    {
        Assert.Equal(Enum.GetValues<FaultCode>().Order(), HttpFaults.OfDomain.Keys.Order());
        Assert.Equal(Enum.GetValues<ApiError>().Order(), HttpFaults.OfSurface.Keys.Order());
        Assert.All(HttpFaults.OfSurface.Values, fault => Assert.InRange(fault.Status, 400, 499));
        Assert.All(HttpFaults.OfDomain.Values.Where(fault => fault.Status == 503), fault => Assert.NotNull(fault.RetryAfter));
    }

    [Fact]
    public void Upstreams_codes_are_restored_in_three_cases_only()
    {
        var changed = HttpFaults.OfDomain.Values.Concat(HttpFaults.OfSurface.Values).Where(fault => fault.StatusFor(true) != fault.StatusFor(false));
        Assert.Equal(
            [HttpFaults.OfDomain[FaultCode.DeviceProfileUuidExists], HttpFaults.OfSurface[ApiError.ProfileName]], changed.OrderByDescending(fault => fault.Status));
    }

    private static string Inner(byte[] body) => JsonDocument.Parse(body).RootElement.GetProperty("error_message").GetString()!;

    private static DeployableAttribute Attribute(string key, string value) => new()
    {
        Uuid = Guid.NewGuid(),
        DeployableId = 1,
        Key = key,
        Value = value,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };
}
