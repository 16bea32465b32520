namespace Cyborg.Identity.Session;

/// <summary>Finds endpoints in a token's catalog. Pure.</summary>
internal static class ServiceCatalog
{
    /// <summary>The endpoint of the best interface; among equals the first in the catalog.</summary>
    /// <exception cref="ServiceCallException">None fits, or its address cannot be called.</exception>
    public static Uri Find(
        IReadOnlyList<CatalogService?> catalog, string serviceType, string? serviceName, IReadOnlyList<string> interfaces, string? region)
    {
        var candidates = catalog
            .Where(service => service?.Type == serviceType && (serviceName is null || service.Name == serviceName))
            .SelectMany(service => service!.Endpoints ?? [])
            .OfType<CatalogEndpoint>()
            .Where(endpoint => region is null || region == (endpoint.RegionId ?? endpoint.Region))
            .ToList();
        var found = interfaces
            .Select(wanted => candidates.Find(endpoint => endpoint.Interface == InterfaceName(wanted)))
            .FirstOrDefault(endpoint => endpoint is not null);
        if (found is null)
            throw new ServiceCallException(ServiceCallFailure.NoEndpoint, Missing(serviceType, interfaces, region));
        if (!Uri.TryCreate(found.Url, UriKind.Absolute, out var address) || !KeystoneSessionOptions.IsPlainHttp(address))
            throw new ServiceCallException(
                ServiceCallFailure.NoEndpoint, $"The catalog's {found.Interface} endpoint of {serviceType} is no http(s) address.");
        return address;
    }

    private static string Missing(string serviceType, IReadOnlyList<string> interfaces, string? region) =>
        $"The catalog has no endpoint of {serviceType} with interface {string.Join(" or ", interfaces)}"
        + (region is null ? "." : $" in region {region}.");

    /// <summary>Old configurations say <c>internalURL</c>.</summary>
    public static string InterfaceName(string wanted) => wanted.EndsWith("URL", StringComparison.Ordinal) ? wanted[..^3] : wanted;
}
