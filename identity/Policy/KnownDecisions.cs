using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Cyborg.Identity.Policy;

/// <summary>What rules said of callers about their own project. Dropped as soon as there are other rules, and with the credentials: those of a token live as
/// long as its verdict is remembered. For any number of threads.</summary>
internal sealed class KnownDecisions
{
    private readonly ConditionalWeakTable<Credentials, OfCaller> _callers = [];

    /// <summary>What a rule of these rules said of this caller; null if it has not been asked.</summary>
    public bool? Find(PolicyRuleSet rules, string rule, Credentials caller) =>
        _callers.TryGetValue(caller, out var known) && ReferenceEquals(known.Rules, rules) && known.Decisions.TryGetValue(rule, out var allows)
            ? allows
            : null;

    /// <summary>Remembers what a rule said.</summary>
    public void Keep(PolicyRuleSet rules, string rule, Credentials caller, bool allows)
    {
        if (!_callers.TryGetValue(caller, out var known) || !ReferenceEquals(known.Rules, rules))
            _callers.AddOrUpdate(caller, known = new OfCaller(rules));
        known.Decisions[rule] = allows;
    }

    /// <summary>What one state of the rules said of one caller.</summary>
    private sealed class OfCaller(PolicyRuleSet rules)
    {
        public PolicyRuleSet Rules { get; } = rules;

        public ConcurrentDictionary<string, bool> Decisions { get; } = new(concurrencyLevel: 1, capacity: 8, StringComparer.Ordinal);
    }
}
