using System.Text.RegularExpressions;

namespace Cyborg.Identity.Session;

/// <summary>Endpoints with the project's id in them, as old services have it: <c>http://host/v1/%(project_id)s</c>, and with a version at their end. Pure.</summary>
internal static partial class EndpointTemplate
{
    private static readonly string[] Marks = ["%(project_id)s", "$(project_id)s", "%(tenant_id)s", "$(tenant_id)s"];

    /// <summary>The address with the project's id in place of each mark.</summary>
    /// <param name="endpoint">The address as it was written.</param>
    /// <param name="projectId">The project that the service's token is for; null if it is for none.</param>
    /// <exception cref="ServiceCallException">There is a mark and no project.</exception>
    public static Uri Fill(string endpoint, string? projectId)
    {
        foreach (var mark in Marks)
        {
            if (!endpoint.Contains(mark, StringComparison.Ordinal))
                continue;
            if (projectId is null)
                throw new ServiceCallException(ServiceCallFailure.NoEndpoint, "The endpoint asks for a project, and the service's token is for none.");
            endpoint = endpoint.Replace(mark, Uri.EscapeDataString(projectId), StringComparison.Ordinal);
        }
        return new Uri(endpoint);
    }

    /// <summary>The address, without a version at its end if that is to go.</summary>
    public static Uri Drop(Uri endpoint, bool version) =>
        version ? new Uri(Version().Replace(endpoint.GetLeftPart(UriPartial.Path), "")) : endpoint;

    [GeneratedRegex(@"/v[0-9]{1,3}(\.[0-9]{1,3})?/*\z")]
    private static partial Regex Version();
}
