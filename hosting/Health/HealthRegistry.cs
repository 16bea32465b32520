using System.Collections.Concurrent;

namespace Cyborg.Hosting;

/// <summary>What one check found.</summary>
/// <param name="Name">Name of the check: <c>database</c>, <c>bus</c>.</param>
/// <param name="IsOk">True if the thing works.</param>
/// <param name="Reason">Why, in a few words; never a secret, for it is answered to anybody who asks.</param>
public sealed record HealthResult(string Name, bool IsOk, string Reason);

/// <summary>What all checks of a process found, by name.</summary>
/// <param name="Results">One per check, sorted by name.</param>
public sealed record HealthReport(IReadOnlyList<HealthResult> Results)
{
    /// <summary>True if nothing is wrong, also when nothing is checked.</summary>
    public bool IsOk => Results.All(result => result.IsOk);

    /// <summary>The reasons of the checks that failed, each with its name.</summary>
    public IReadOnlyList<string> Reasons => [.. Results.Where(result => !result.IsOk).Select(result => $"{result.Name}: {result.Reason}")];

    /// <summary>The body of <c>/healthcheck</c> in plain text, as oslo.middleware answers it: <c>OK</c>, or the reasons, one a
    /// line.</summary>
    public string ToPlainText() => IsOk ? "OK" : string.Join('\n', Reasons);
}

/// <summary>The checks of a process: each room adds its own at start, <c>/healthcheck</c> asks them all. Safe for many threads.</summary>
public sealed class HealthRegistry
{
    private readonly ConcurrentDictionary<string, Func<CancellationToken, ValueTask<string?>>> _checks = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;

    /// <summary>Makes a registry without checks.</summary>
    /// <param name="time">The clock of the time-out.</param>
    /// <param name="timeout">How long one check may take before it counts as failed; 5 s if not given.</param>
    public HealthRegistry(TimeProvider? time = null, TimeSpan? timeout = null) =>
        (_time, _timeout) = (time ?? TimeProvider.System, timeout ?? TimeSpan.FromSeconds(5));

    /// <summary>Adds a check, or replaces the one of that name.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="check">Answers null if all is well, else the reason in a few words. One that throws has failed, and only the kind of
    /// its exception is shown.</param>
    public void Register(string name, Func<CancellationToken, ValueTask<string?>> check) => _checks[name] = check;

    /// <summary>Adds a check that answers at once.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="check">Answers null if all is well, else the reason in a few words.</param>
    public void Register(string name, Func<string?> check) => _checks[name] = _ => ValueTask.FromResult(check());

    /// <summary>Removes a check.</summary>
    /// <param name="name">Its name.</param>
    public void Remove(string name) => _checks.TryRemove(name, out _);

    /// <summary>Asks all checks at the same time.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<HealthReport> CheckAsync(CancellationToken cancellationToken)
    {
        var asked = _checks.Select(check => AskAsync(check.Key, check.Value, cancellationToken));
        var results = await Task.WhenAll(asked).ConfigureAwait(false);
        return new HealthReport([.. results.OrderBy(result => result.Name, StringComparer.Ordinal)]);
    }

    private async Task<HealthResult> AskAsync(
        string name, Func<CancellationToken, ValueTask<string?>> check, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(_timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            // A check that does not heed its token must not hold the answer either.
            var reason = await check(both.Token).AsTask().WaitAsync(both.Token).ConfigureAwait(false);
            return new HealthResult(name, reason is null, reason ?? "OK");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new HealthResult(name, false, FormattableString.Invariant($"no answer within {_timeout.TotalSeconds} s"));
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return new HealthResult(name, false, e.GetType().Name);
        }
    }
}
