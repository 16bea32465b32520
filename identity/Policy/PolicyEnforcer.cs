namespace Cyborg.Identity.Policy;

/// <summary>Answers whether a caller may do something. Fails closed: what it does not understand denies and is told in
/// <see cref="Problems"/>. For any number of threads; a question is answered by one state of the rules, even if files change
/// meanwhile.</summary>
public sealed class PolicyEnforcer : IDisposable
{
    /// <summary>Most servers asked for one question; at one more it is denied.</summary>
    private const int MaxRemote = 16;

    private static readonly Dictionary<string, PolicyRuleText> NoOverrides = [];

    private readonly PolicyRuleSet? _unchanging;
    private readonly ReloadingRules? _reloading;
    private readonly RemoteChecks? _remote;
    private readonly Dictionary<string, PolicyRule> _registered;
    private readonly KnownDecisions _known = new();

    /// <summary>Reads the rules' defaults. There are no files, and remote checks deny.</summary>
    /// <param name="rules">All rules that code asks for, and those that they refer to (<see cref="BaseRules.All"/>).</param>
    /// <param name="enforceNewDefaults">False (upstream's default until 2027.1): the old default of a rule also lets callers in.</param>
    public PolicyEnforcer(IEnumerable<PolicyRule> rules, bool enforceNewDefaults) : this(rules, NoOverrides, enforceNewDefaults) { }

    internal PolicyEnforcer(
        IEnumerable<PolicyRule> rules, IReadOnlyDictionary<string, PolicyRuleText> overrides, bool enforceNewDefaults) : this(rules) =>
        _unchanging = PolicyRuleSet.Build(Rules, overrides, enforceNewDefaults);

    private PolicyEnforcer(IEnumerable<PolicyRule> rules, PolicySource source, Action<string> tell, TimeProvider time) : this(rules)
    {
        _reloading = new ReloadingRules(Rules, source, tell, time);
        _remote = new RemoteChecks(source.Remote, tell);
    }

    private PolicyEnforcer(IEnumerable<PolicyRule> rules)
    {
        Rules = [.. rules];
        _registered = Rules.DistinctBy(rule => rule.Name).ToDictionary(rule => rule.Name, StringComparer.Ordinal);
    }

    /// <summary>Reads the rules' defaults and the files of operators, and follows the files' changes from then on: at most once a second,
    /// when it is asked, it looks at their dates and sizes. A change that cannot be used leaves all rules as they were.</summary>
    /// <param name="rules">All rules that code asks for, and those that they refer to (<see cref="BaseRules.All"/>).</param>
    /// <param name="source">Where the files are.</param>
    /// <param name="tell">Gets each line for the log, once: problems of the rules, files that cannot be used, servers of remote checks that
    /// do not answer. It must not throw, and is called from any thread.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="PolicyLoadException">A file cannot be used. A service does not start without its rules.</exception>
    public static PolicyEnforcer Load(
        IEnumerable<PolicyRule> rules, PolicySource source, Action<string>? tell = null, TimeProvider? time = null) =>
        new(rules, source, tell ?? (_ => { }), time ?? TimeProvider.System);

    /// <summary>The rules that are registered, as they were given.</summary>
    public IReadOnlyList<PolicyRule> Rules { get; }

    /// <summary>What is wrong with the rules, one line each, for the log: rules that cannot be read, references to nothing,
    /// cycles, and a changed file that cannot be used.</summary>
    public IReadOnlyList<string> Problems => _reloading?.Problems ?? _unchanging!.Problems;

    /// <summary>What files could do without, one line each: rules that are the default anyway, are on their way out, or that nobody
    /// asks for.</summary>
    public IReadOnlyList<string> Advice => Current.Advice;

    private PolicyRuleSet Current => _reloading?.Current ?? _unchanging!;

    /// <summary>Looks at the files now instead of within a second.</summary>
    /// <returns>True if they changed and their rules count from now on.</returns>
    public bool Reload() => _reloading?.Reload() ?? false;

    /// <summary>True if the rule lets the caller in. A rule that nobody registered lets nobody in, nor does one whose scope types do not
    /// have the scope of the caller's token. It asks no server: a rule that comes to a remote check denies; see
    /// <see cref="AllowsAsync"/>.</summary>
    /// <param name="rule">Name of the rule.</param>
    /// <param name="target">What the call is about: <c>project_id</c> and <c>user_id</c> of the object, or the caller's own. A null
    /// value matches nothing.</param>
    /// <param name="credentials">Who asks.</param>
    public bool Allows(string rule, IReadOnlyDictionary<string, string?> target, Credentials credentials)
    {
        var values = credentials.ToPolicyValues();
        return IsAskable(rule, values) && new PolicyEvaluation(Current, Values(target), values).Rule(rule) == Verdict.Allow;
    }

    /// <summary>As <see cref="Allows"/>, and asks the servers of <c>http:</c> and <c>https:</c> checks, one after the other, as far as they
    /// decide. At once, without a server to ask.</summary>
    /// <param name="rule">Name of the rule.</param>
    /// <param name="target">What the call is about.</param>
    /// <param name="credentials">Who asks.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ValueTask<bool> AllowsAsync(
        string rule, IReadOnlyDictionary<string, string?> target, Credentials credentials, CancellationToken cancellationToken = default) =>
        AskAsync(new RemoteQuestion(rule, Values(target), credentials.ToPolicyValues()), cancellationToken);

    /// <summary>What <see cref="AllowsOwnAsync"/> has said of this very caller under the rules of now; null if it has not been asked.</summary>
    /// <param name="rule">Name of the rule.</param>
    /// <param name="credentials">Who asks.</param>
    public bool? KnowsOwn(string rule, Credentials credentials) => _known.Find(Current, rule, credentials);

    /// <summary>As <see cref="AllowsAsync"/>, about the caller's own project and user: what stands for lists, for things to be made and for those without an
    /// owner. What a rule says then depends on nothing but the rules and the caller, and is remembered with both of them; what a server said is not.</summary>
    /// <param name="rule">Name of the rule.</param>
    /// <param name="credentials">Who asks; remembered as long as this very object lives.</param>
    /// <param name="cancellationToken">Ends the waiting for a server.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ValueTask<bool> AllowsOwnAsync(string rule, Credentials credentials, CancellationToken cancellationToken = default)
    {
        var rules = Current;
        var values = credentials.ToPolicyValues();
        if (!IsAskable(rule, values))
            return new(false);
        var target = new Dictionary<string, object?> { ["project_id"] = credentials.ProjectId, ["user_id"] = credentials.UserId };
        var evaluation = new PolicyEvaluation(rules, target, values);
        var allowed = evaluation.Rule(rule) == Verdict.Allow;
        if (evaluation.Pending is not null)
            return AskAsync(rules, new RemoteQuestion(rule, target, values), cancellationToken);
        _known.Keep(rules, rule, credentials, allowed);
        return new(allowed);
    }

    /// <summary>As <see cref="AllowsAsync"/>, with whatever a target and credentials may hold.</summary>
    internal async ValueTask<bool> AskAsync(RemoteQuestion question, CancellationToken cancellationToken) =>
        IsAskable(question.Rule, question.Credentials)
        && await AskAsync(Current, question, cancellationToken).ConfigureAwait(false);

    /// <summary>Asks other rules, with the servers of this one's remote checks. Every rule may be asked, in any scope.</summary>
    internal async ValueTask<bool> AskAsync(PolicyRuleSet rules, RemoteQuestion question, CancellationToken cancellationToken)
    {
        var answers = new Dictionary<Uri, Verdict>();
        while (true)
        {
            // Evaluated anew with each answer: evaluation stays free of waiting, and its order decides who is asked at all.
            var evaluation = new PolicyEvaluation(rules, question.Target, question.Credentials, answers);
            var verdict = evaluation.Rule(question.Rule);
            if (evaluation.Pending is not { } address || _remote is null || answers.Count >= MaxRemote)
                return verdict == Verdict.Allow;
            answers[address] = await _remote.AskAsync(address, question, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Closes the connections of remote checks.</summary>
    public void Dispose() => _remote?.Dispose();

    private bool IsAskable(string rule, IReadOnlyDictionary<string, object?> credentials) =>
        _registered.TryGetValue(rule, out var declared) && TokenScope.IsIn(declared.ScopeTypes, credentials);

    private static Dictionary<string, object?> Values(IReadOnlyDictionary<string, string?> target) =>
        target.ToDictionary(pair => pair.Key, object? (pair) => pair.Value, StringComparer.Ordinal);
}

/// <summary>What a token is for: the system, a domain, or a project. A token for nothing counts as one for a project, as in
/// oslo.policy.</summary>
internal static class TokenScope
{
    public static string Of(IReadOnlyDictionary<string, object?> credentials) =>
        Has(credentials, "system") || Has(credentials, "system_scope") ? "system" : Has(credentials, "domain_id") ? "domain" : "project";

    public static bool IsIn(IReadOnlyList<string> scopeTypes, IReadOnlyDictionary<string, object?> credentials) =>
        scopeTypes.Count == 0 || scopeTypes.Contains(Of(credentials));

    private static bool Has(IReadOnlyDictionary<string, object?> credentials, string name) =>
        PythonText.IsTrue(credentials.GetValueOrDefault(name));
}
