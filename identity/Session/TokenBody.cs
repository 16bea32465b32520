using System.Text.Json;

namespace Cyborg.Identity.Session;

/// <summary>The body of an answer of <c>/v3/auth/tokens</c>, as far as it matters here.</summary>
internal sealed record TokenBody(TokenFields? Token)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The token's fields; null if the text is none of Keystone's answers.</summary>
    public static TokenFields? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<TokenBody>(json, Json)?.Token;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

internal sealed record TokenFields(
    DateTimeOffset? ExpiresAt,
    OwnedFields? User,
    OwnedFields? Project,
    DomainFields? Domain,
    SystemFields? System,
    IReadOnlyList<RoleFields?>? Roles,
    bool? IsAdminProject,
    ApplicationCredentialFields? ApplicationCredential,
    IReadOnlyList<CatalogService?>? Catalog);

/// <summary>A user or a project, and its domain.</summary>
internal sealed record OwnedFields(string? Id, DomainFields? Domain);

internal sealed record DomainFields(string? Id);

internal sealed record SystemFields(bool? All);

internal sealed record RoleFields(string? Name);

internal sealed record ApplicationCredentialFields(JsonElement? AccessRules);

internal sealed record CatalogService(string? Type, string? Name, IReadOnlyList<CatalogEndpoint?>? Endpoints);

internal sealed record CatalogEndpoint(string? Interface, string? Region, string? RegionId, string? Url);
