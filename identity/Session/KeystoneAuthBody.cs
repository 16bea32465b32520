using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cyborg.Identity.Session;

/// <summary>Bodies of <c>POST /v3/auth/tokens</c> (Identity API v3, "Authentication and token management"). Pure.</summary>
internal static class KeystoneAuthBody
{
    public static byte[] Write(PasswordCredential credential)
    {
        var user = Named(credential.UserId, credential.UserName, Domain(credential.UserDomainId, credential.UserDomainName));
        user["password"] = credential.Password;
        var auth = Identity("password", new JsonObject { ["user"] = user });
        if (Scope(credential) is { } scope)
            auth["scope"] = scope;
        return Bytes(auth);
    }

    public static byte[] Write(TokenCredential credential)
    {
        var auth = Identity("token", new JsonObject { ["id"] = credential.Token });
        if (Scope(credential) is { } scope)
            auth["scope"] = scope;
        return Bytes(auth);
    }

    public static byte[] Write(ApplicationCredential credential)
    {
        var fields = new JsonObject { ["secret"] = credential.Secret };
        if (credential.Id is not null)
        {
            fields["id"] = credential.Id;
        }
        else
        {
            fields["name"] = credential.Name;
            fields["user"] = Named(credential.UserId, credential.UserName, Domain(credential.UserDomainId, credential.UserDomainName));
        }
        return Bytes(Identity("application_credential", fields));
    }

    private static JsonObject? Scope(ScopedCredential credential)
    {
        if (credential.ProjectId is not null || credential.ProjectName is not null)
        {
            var domain = Domain(credential.ProjectDomainId, credential.ProjectDomainName);
            return new JsonObject { ["project"] = Named(credential.ProjectId, credential.ProjectName, domain) };
        }
        if (Domain(credential.DomainId, credential.DomainName) is { } scope)
            return new JsonObject { ["domain"] = scope };
        return credential.SystemScope is null ? null : new JsonObject { ["system"] = new JsonObject { ["all"] = true } };
    }

    private static JsonObject Named(string? id, string? name, JsonObject? domain)
    {
        if (id is not null)
            return new JsonObject { ["id"] = id };
        var named = new JsonObject { ["name"] = name };
        if (domain is not null)
            named["domain"] = domain;
        return named;
    }

    private static JsonObject? Domain(string? id, string? name) =>
        id is not null ? new JsonObject { ["id"] = id } : name is not null ? new JsonObject { ["name"] = name } : null;

    private static JsonObject Identity(string method, JsonObject fields) =>
        new() { ["identity"] = new JsonObject { ["methods"] = new JsonArray(method), [method] = fields } };

    private static byte[] Bytes(JsonObject auth) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["auth"] = auth });
}
