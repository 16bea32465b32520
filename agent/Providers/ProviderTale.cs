using Microsoft.Extensions.Logging;

namespace Cyborg.Agent.Providers;

/// <summary>What the provider loop tells: each reason and each problem once, when it comes and when it goes.</summary>
internal sealed class ProviderTale(ILogger log)
{
    private HashSet<string> _problems = new(StringComparer.Ordinal);
    private string? _failure;

    /// <summary>Placement shows what is wanted.</summary>
    public void Synced(long version, long epoch, int writes)
    {
        if (_failure is not null)
            Log.ProvidersRecovered(log);
        _failure = null;
        if (writes > 0)
            Log.ProvidersSynced(log, version, epoch, writes);
    }

    /// <summary>It does not; null if the reason was told already.</summary>
    public void Failed(string? reason)
    {
        if (reason is not null && reason != _failure)
            Log.ProvidersNotSynced(log, reason);
        _failure = reason ?? _failure ?? "";
    }

    /// <summary>A defect.</summary>
    public void Broke(Exception exception)
    {
        var reason = $"{exception.GetType().Name}: {exception.Message}";
        if (reason != _failure)
            Log.ProvidersBroke(log, exception);
        _failure = reason;
    }

    /// <summary>All problems that there are now.</summary>
    public void Problems(IReadOnlyList<string> problems)
    {
        var now = problems.ToHashSet(StringComparer.Ordinal);
        foreach (var problem in now.Except(_problems).Order(StringComparer.Ordinal))
            Log.ProviderProblem(log, problem);
        foreach (var problem in _problems.Except(now).Order(StringComparer.Ordinal))
            Log.ProviderProblemGone(log, problem);
        _problems = now;
    }
}
