using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Cyborg.Identity.NoAuth;

/// <summary>Reads the persona that a request's headers try. Pure.</summary>
/// <remarks>A header that is absent leaves what the default caller has, an empty one takes it away. One exception: a request that says its
/// roles is no service unless it also says its service roles, so that <c>X-Roles: member</c> alone is a plain member.</remarks>
internal static class NoAuthPersona
{
    private const int MaxId = 255;
    private const int MaxRoles = 2048;
    private const int MaxRoleCount = 64;

    /// <summary>The credentials, or why the headers are refused.</summary>
    public static (Credentials? Credentials, string? Fault) Read(IHeaderDictionary headers, NoAuthOptions options)
    {
        var caller = options.DefaultCaller;
        string? fault = null;
        var project = Value(headers, NoAuthDefaults.ProjectIdHeader, MaxId, ref fault);
        var user = Value(headers, NoAuthDefaults.UserIdHeader, MaxId, ref fault);
        var roles = Roles(Value(headers, NoAuthDefaults.RolesHeader, MaxRoles, ref fault), NoAuthDefaults.RolesHeader, ref fault);
        var serviceRoles = Roles(
            Value(headers, NoAuthDefaults.ServiceRolesHeader, MaxRoles, ref fault), NoAuthDefaults.ServiceRolesHeader, ref fault);
        if (fault is not null)
            return (null, fault);
        if (project is null && user is null && roles is null && serviceRoles is null)
            return (options.WithoutHeaders, null);
        IReadOnlyList<string> effectiveServiceRoles = serviceRoles ?? (roles is null ? caller.ServiceRoles : []);
        return (caller with
        {
            ProjectId = Id(project, caller.ProjectId),
            ProjectDomainId = project is "" ? null : caller.ProjectDomainId,
            UserId = Id(user, caller.UserId),
            UserDomainId = user is "" ? null : caller.UserDomainId,
            Roles = roles ?? caller.Roles,
            ServiceRoles = effectiveServiceRoles,
            IsService = effectiveServiceRoles.Intersect(options.AcceptedServiceRoles, StringComparer.Ordinal).Any(),
        }, null);
    }

    private static string? Id(string? header, string? otherwise) => header switch { null => otherwise, "" => null, _ => header };

    /// <summary>The header's value without outer white space; null if it is absent.</summary>
    private static string? Value(IHeaderDictionary headers, string name, int maxLength, ref string? fault)
    {
        if (!headers.TryGetValue(name, out StringValues values) || values.Count == 0)
            return null;
        var value = (values[0] ?? "").Trim();
        if (values.Count > 1)
            fault ??= $"{name} is given more than once.";
        else if (value.Length > maxLength)
            fault ??= $"{name} is longer than {maxLength} characters.";
        else if (value.Any(c => c is < ' ' or > '~'))
            fault ??= $"{name} has a character that is not printable ASCII.";
        return value;
    }

    private static string[]? Roles(string? header, string name, ref string? fault)
    {
        if (header is null)
            return null;
        var roles = header.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (roles.Length > MaxRoleCount)
            fault ??= $"{name} has more than {MaxRoleCount} roles.";
        return roles;
    }
}
