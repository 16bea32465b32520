namespace Cyborg.Identity.Session;

/// <summary>The service's own token. Never prints itself.</summary>
internal sealed class SessionToken(string text, DateTimeOffset expiresAt, string? projectId, IReadOnlyList<CatalogService?> catalog)
{
    public string Text => text;

    public DateTimeOffset ExpiresAt => expiresAt;

    /// <summary>The project that it is for; null if it is for none.</summary>
    public string? ProjectId => projectId;

    public IReadOnlyList<CatalogService?> Catalog => catalog;
}
