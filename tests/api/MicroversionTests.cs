using Cyborg.Api.Errors;
using Cyborg.Api.Versions;

namespace Cyborg.Api.Tests;

public sealed class MicroversionTests
{
    [Theory]
    [InlineData(null, "2.0")]
    [InlineData("", "2.0")]
    [InlineData("accelerator 2.0", "2.0")]
    [InlineData("accelerator 2.3", "2.3")]
    [InlineData("Accelerator 2.1", "2.1")]
    [InlineData("  accelerator   2.2  ", "2.2")]
    [InlineData("accelerator latest", "2.3")]
    [InlineData("accelerator LATEST", "2.3")]
    [InlineData("compute 2.90, accelerator 2.1", "2.1")]
    [InlineData("accelerator 2.1,compute 2.90", "2.1")]
    [InlineData("accelerator 2.1, accelerator 2.2", "2.2")]
    public void A_header_with_our_service_names_the_version(string? header, string expected)
    {
        Assert.Equal(expected, MicroversionRequest.Negotiate(header, out var bare).ToString());
        Assert.False(bare);
    }

    [Theory]
    [InlineData("2.1", "2.1")]
    [InlineData("latest", "2.3")]
    public void A_bare_version_is_taken_and_remarked(string header, string expected)
    {
        Assert.Equal(expected, MicroversionRequest.Negotiate(header, out var bare).ToString());
        Assert.True(bare);
    }

    [Theory]
    [InlineData("accelerator 2.4", "minor version is not supported")]
    [InlineData("accelerator 2.99999999999", "Invalid value")]
    [InlineData("accelerator 1.0", "Mutually exclusive")]
    [InlineData("accelerator 3.0", "Mutually exclusive")]
    [InlineData("accelerator 2", "Invalid value")]
    [InlineData("accelerator 2.", "Invalid value")]
    [InlineData("accelerator 2.1.0", "Invalid value")]
    [InlineData("accelerator -2.1", "Invalid value")]
    [InlineData("accelerator newest", "Invalid value")]
    [InlineData("accelerator", "Invalid value")]
    [InlineData("compute 2.1", "Invalid value")]
    [InlineData("compute 2.1, image 2.2", "Invalid value")]
    [InlineData("\u0662.\u0661", "Invalid value")]
    public void Anything_else_is_not_acceptable(string header, string text)
    {
        var fault = Assert.Throws<ApiException>(() => MicroversionRequest.Negotiate(header, out _));
        Assert.Equal(ApiError.NotAcceptable, fault.Error);
        Assert.Contains(text, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_history_has_no_gap_and_each_line_says_what_changed()
    {
        Assert.Equal(Enumerable.Range(0, Microversions.All.Count), Microversions.All.Select(line => line.Version.Minor));
        Assert.All(Microversions.All, line => Assert.Equal(2, line.Version.Major));
        Assert.All(Microversions.All, line => Assert.NotEmpty(line.Change));
    }

    [Theory]
    [InlineData(null, "1.0")]
    [InlineData("accelerator 1.0", "1.0")]
    [InlineData("accelerator 1.1", "1.1")]
    [InlineData("accelerator latest", "1.1")]
    [InlineData("compute 2.90, accelerator 1.1", "1.1")]
    public void Version_1_has_versions_of_its_own(string? header, string expected) =>
        Assert.Equal(expected, MicroversionRequest.Negotiate(header, MicroversionsV1.Min, MicroversionsV1.Max, out _).ToString());

    [Theory]
    [InlineData("accelerator 2.0")]
    [InlineData("accelerator 1.2")]
    [InlineData("accelerator one")]
    [InlineData("compute 1.1")]
    public void What_version_1_does_not_have_is_not_acceptable(string header) => Assert.Equal(
        ApiError.NotAcceptable,
        Assert.Throws<ApiException>(() => MicroversionRequest.Negotiate(header, MicroversionsV1.Min, MicroversionsV1.Max, out _)).Error);

    [Fact]
    public void Versions_of_version_1_rise_by_one() => Assert.Equal(
        Enumerable.Range(0, MicroversionsV1.All.Count).Select(minor => new Microversion(1, minor)), MicroversionsV1.All.Select(one => one.Version));
}
