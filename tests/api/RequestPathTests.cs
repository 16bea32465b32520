using Cyborg.Api.Middleware;

namespace Cyborg.Api.Tests;

public sealed class RequestPathTests
{
    [Theory]
    [InlineData("/", "", "/")]
    [InlineData("", "", "/")]
    [InlineData("/v2", "", "/v2")]
    [InlineData("/v2/", "", "/v2")]
    [InlineData("/v2.json", "", "/v2")]
    [InlineData("/v2/devices/", "", "/v2/devices")]
    [InlineData("/v2/devices.json", "", "/v2/devices")]
    [InlineData("/devices", "", "/v2/devices")]
    [InlineData("/devices/x/enable", "", "/v2/devices/x/enable")]
    [InlineData("/accelerator", "/accelerator", "/")]
    [InlineData("/accelerator/", "/accelerator", "/")]
    [InlineData("/accelerator/v2/devices", "/accelerator", "/v2/devices")]
    [InlineData("/accelerator/devices", "/accelerator", "/v2/devices")]
    [InlineData("/accelerator_requests", "", "/v2/accelerator_requests")]
    [InlineData("/v1", "", "/v1")]
    [InlineData("/v1/accelerators", "", "/v1/accelerators")]
    [InlineData("/v2x", "", "/v2/v2x")]
    [InlineData("/vendors", "", "/v2/vendors")]
    public void Paths_take_the_form_of_the_route_table(string path, string mount, string expected) =>
        Assert.Equal(new RequestPath(mount, expected), RequestPath.Normalise(path));

    [Theory]
    [InlineData("/", true)]
    [InlineData("/v2", true)]
    [InlineData("/v2/", true)]
    [InlineData("/v2.json", true)]
    [InlineData("/accelerator/v2", true)]
    [InlineData("/v2/devices", false)]
    [InlineData("/devices", false)]
    [InlineData("/v1", false)]
    public void Only_the_discovery_documents_are_public(string path, bool isPublic) =>
        Assert.Equal(isPublic, RequestPath.Normalise(path).IsPublic);
}
