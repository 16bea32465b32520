using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using WireMock;
using WireMock.Types;
using WireMock.Util;

namespace Cyborg.TestServers;

/// <summary>Answers as the real Keystone writes them.</summary>
internal static class KeystoneBodies
{
    /// <summary>The catalog: each service in all three interfaces of RegionOne.</summary>
    public static JsonArray Catalog(IEnumerable<KeyValuePair<string, string>> endpoints)
    {
        var catalog = new JsonArray();
        foreach (var (type, url) in endpoints)
        {
            var found = new JsonArray();
            foreach (var kind in new[] { "public", "internal", "admin" })
                found.Add((JsonNode)new JsonObject { ["interface"] = kind, ["region"] = "RegionOne", ["region_id"] = "RegionOne", ["url"] = url });
            catalog.Add((JsonNode)new JsonObject { ["type"] = type, ["name"] = type, ["id"] = type, ["endpoints"] = found });
        }
        return catalog;
    }

    /// <summary>The fields of a token.</summary>
    public static JsonObject Describe(FakeToken token, DateTimeOffset now)
    {
        static JsonObject Default() => new() { ["id"] = "default", ["name"] = "Default" };
        var fields = new JsonObject
        {
            ["methods"] = new JsonArray("password"),
            ["user"] = new JsonObject { ["id"] = token.UserId, ["name"] = token.UserName, ["domain"] = Default(), ["password_expires_at"] = null },
            ["audit_ids"] = new JsonArray(RandomNumberGenerator.GetHexString(22)),
            ["issued_at"] = Text(now),
            ["expires_at"] = Text(now + token.Life),
        };
        if (token.ProjectId is { } project)
        {
            fields["project"] = new JsonObject { ["id"] = project, ["name"] = "project-" + project[..Math.Min(8, project.Length)], ["domain"] = Default() };
            fields["is_domain"] = false;
        }
        if (token.DomainId is { } domain)
            fields["domain"] = new JsonObject { ["id"] = domain, ["name"] = domain };
        if (token.IsSystem)
            fields["system"] = new JsonObject { ["all"] = true };
        if (token.Roles.Count > 0)
            fields["roles"] = new JsonArray([.. token.Roles.Select(role => new JsonObject { ["id"] = "id-of-" + role, ["name"] = role })]);
        if (token.HasAccessRules)
            fields["application_credential"] = new JsonObject { ["id"] = "ac", ["name"] = "ac", ["restricted"] = true, ["access_rules"] = new JsonArray() };
        return fields;
    }

    private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);

    public static ResponseMessage Error(int status, string title, string message) =>
        Answer(status, new JsonObject { ["error"] = new JsonObject { ["code"] = status, ["message"] = message, ["title"] = title } }, null);

    public static ResponseMessage Answer(int status, JsonObject body, string? subject)
    {
        var answer = new ResponseMessage
        {
            StatusCode = status,
            BodyData = new BodyData { DetectedBodyType = BodyType.Bytes, BodyAsBytes = JsonSerializer.SerializeToUtf8Bytes(body) },
        };
        answer.AddHeader("Content-Type", "application/json");
        answer.AddHeader("Vary", "X-Auth-Token");
        if (subject is not null)
            answer.AddHeader("X-Subject-Token", subject);
        if (status == (int)HttpStatusCode.Unauthorized)
            answer.AddHeader("WWW-Authenticate", "Keystone uri=\"http://127.0.0.1/v3\"");
        return answer;
    }
}
