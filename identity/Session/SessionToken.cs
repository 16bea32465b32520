namespace Cyborg.Identity.Session;

/// <summary>The service's own token. Never prints itself.</summary>
internal sealed class SessionToken(string text, DateTimeOffset expiresAt, IReadOnlyList<CatalogService?> catalog)
{
    public string Text => text;

    public DateTimeOffset ExpiresAt => expiresAt;

    public IReadOnlyList<CatalogService?> Catalog => catalog;
}
