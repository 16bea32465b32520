namespace Cyborg.Identity.Keystone;

/// <summary>Remembers verdicts, and lets all who ask for the same token at once wait for one answer.</summary>
/// <remarks>Refused tokens have a store of their own, so that a flood of made-up ones does not push out the good ones.</remarks>
internal sealed class TokenCache(TokenValidatorOptions options, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly VerdictStore valid = new(options.MaxEntries);
    private readonly VerdictStore invalid = new(options.MaxEntries);
    private readonly Dictionary<TokenKey, Task<TokenVerdict>> flights = [];

    /// <summary>Verdicts remembered now, lapsed ones included.</summary>
    public int Count
    {
        get
        {
            lock (gate)
                return valid.Count + invalid.Count;
        }
    }

    /// <summary>The remembered verdict, or the one that <paramref name="ask"/> finds. It is started once and may not throw.</summary>
    public Task<TokenVerdict> GetAsync(TokenKey key, Func<Task<TokenVerdict>> ask)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            if ((valid.Find(key, now) ?? invalid.Find(key, now)) is { } known)
            {
                IdentityMetrics.Count(hit: true);
                return Task.FromResult(known);
            }
            IdentityMetrics.Count(hit: false);
            if (!flights.TryGetValue(key, out var flight))
                flights[key] = flight = Task.Run(() => FlyAsync(key, ask));
            return flight;
        }
    }

    private async Task<TokenVerdict> FlyAsync(TokenKey key, Func<Task<TokenVerdict>> ask)
    {
        var verdict = TokenVerdict.Unavailable;
        try
        {
            verdict = await ask().ConfigureAwait(false);
            return verdict;
        }
        finally
        {
            lock (gate)
            {
                flights.Remove(key);
                Remember(key, verdict);
            }
        }
    }

    private void Remember(TokenKey key, TokenVerdict verdict)
    {
        var now = time.GetUtcNow();
        if (verdict.Status == TokenStatus.Invalid && options.NegativeCacheTime > TimeSpan.Zero)
            invalid.Add(key, verdict, now + options.NegativeCacheTime);
        if (verdict.Data is { } data && options.CacheTime > TimeSpan.Zero)
        {
            var until = now + options.CacheTime;
            valid.Add(key, verdict, key.AllowExpired || until < data.ExpiresAt ? until : data.ExpiresAt);
        }
    }
}
