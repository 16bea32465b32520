namespace Cyborg.Identity.Keystone;

/// <summary>How long verdicts on tokens are remembered, and how many.</summary>
public sealed record TokenValidatorOptions
{
    /// <summary>How long a valid token is not asked for again, and so how long a revoked one still works (<c>[keystone_authtoken]
    /// token_cache_time</c>). Never beyond the token's expiry. Default 300 s; 0 or less: never remembered.</summary>
    public TimeSpan CacheTime { get; init; } = TimeSpan.FromSeconds(300);
    /// <summary>How long a refused token is not asked for again. Default 10 s; 0 or less: never remembered.</summary>
    public TimeSpan NegativeCacheTime { get; init; } = TimeSpan.FromSeconds(10);
    /// <summary>Most valid tokens remembered, and most refused ones. Default 10000 of each.</summary>
    public int MaxEntries { get; init; } = 10_000;
}
