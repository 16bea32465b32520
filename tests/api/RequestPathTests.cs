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
    [InlineData("/v1/accelerator", "", "/v1/accelerators")]
    [InlineData("/v1/accelerator/x", "", "/v1/accelerators/x")]
    [InlineData("/v1/accelerator_requests", "", "/v1/accelerator_requests")]
    [InlineData("/accelerators", "", "/v1/accelerators")]
    [InlineData("/accelerators/", "", "/v1/accelerators")]
    [InlineData("/accelerators/x/num", "", "/v1/accelerators/x/num")]
    [InlineData("/accelerators.json", "", "/v1/accelerators")]
    [InlineData("/acceleratorsx", "", "/v2/acceleratorsx")]
    [InlineData("/accelerator/accelerators", "/accelerator", "/v1/accelerators")]
    [InlineData("/accelerator/accelerator/x", "/accelerator", "/v1/accelerators/x")]
    [InlineData("/accelerator/8e45a2ea-5364-4b0d-a252-bf8becaa606e", "", "/v1/accelerators/8e45a2ea-5364-4b0d-a252-bf8becaa606e")]
    [InlineData("/accelerator/8E45A2EA53644B0DA252BF8BECAA606E/num", "", "/v1/accelerators/8E45A2EA53644B0DA252BF8BECAA606E/num")]
    [InlineData("/accelerator/8e45a2ea-5364-4b0d-a252-bf8becaa606e/a/b", "/accelerator", "/v2/8e45a2ea-5364-4b0d-a252-bf8becaa606e/a/b")]
    [InlineData("/accelerator/zzz", "/accelerator", "/v2/zzz")]
    [InlineData("/v2/accelerators", "", "/v2/accelerators")]
    [InlineData("/v2/accelerator", "", "/v2/accelerator")]
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
    [InlineData("/v1", true)]
    [InlineData("/v1/accelerators", false)]
    [InlineData("/accelerator/8e45a2ea-5364-4b0d-a252-bf8becaa606e", false)]
    public void Only_the_discovery_documents_are_public(string path, bool isPublic) =>
        Assert.Equal(isPublic, RequestPath.Normalise(path).IsPublic);
}
