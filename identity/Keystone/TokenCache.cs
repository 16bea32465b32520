namespace Cyborg.Identity.Keystone;

/// <summary>Remembers verdicts, and lets all who ask for the same token at once wait for one answer.</summary>
/// <remarks>Refused tokens have a store of their own, so that a flood of made-up ones does not push out the good ones.</remarks>
internal sealed class TokenCache(TokenValidatorOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly VerdictStore _valid = new(options.MaxEntries);
    private readonly VerdictStore _invalid = new(options.MaxEntries);
    private readonly Dictionary<TokenKey, Task<TokenVerdict>> _flights = [];

    /// <summary>Verdicts remembered now, lapsed ones included.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _valid.Count + _invalid.Count;
        }
    }

    /// <summary>The remembered verdict, or the one that <paramref name="ask"/> finds. It is started once and may not throw.</summary>
    public Task<TokenVerdict> GetAsync(TokenKey key, Func<Task<TokenVerdict>> ask)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if ((_valid.Find(key, now) ?? _invalid.Find(key, now)) is { } known)
            {
                IdentityMetrics.Count(hit: true);
                return Task.FromResult(known);
            }
            IdentityMetrics.Count(hit: false);
            if (!_flights.TryGetValue(key, out var flight))
                _flights[key] = flight = Task.Run(() => FlyAsync(key, ask));
            return flight;
        }
    }

    /// <summary>What a remembered good token stands for; null if it is not remembered, or is refused. Counts only what it finds: who does not find asks
    /// <see cref="GetAsync"/>.</summary>
    public TokenData? Find(TokenKey key)
    {
        lock (_gate)
        {
            if (_valid.Find(key, time.GetUtcNow()) is not { Data: { } data })
                return null;
            IdentityMetrics.Count(hit: true);
            return data;
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
            lock (_gate)
            {
                _flights.Remove(key);
                Remember(key, verdict);
            }
        }
    }

    private void Remember(TokenKey key, TokenVerdict verdict)
    {
        var now = time.GetUtcNow();
        if (verdict.Status == TokenStatus.Invalid && options.NegativeCacheTime > TimeSpan.Zero)
            _invalid.Add(key, verdict, now + options.NegativeCacheTime);
        if (verdict.Data is { } data && options.CacheTime > TimeSpan.Zero)
        {
            var until = now + options.CacheTime;
            _valid.Add(key, verdict, key.AllowExpired || until < data.ExpiresAt ? until : data.ExpiresAt);
        }
    }
}
