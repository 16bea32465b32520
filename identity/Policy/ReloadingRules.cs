namespace Cyborg.Identity.Policy;

/// <summary>The rules of code and files, read again when a file changes. Whoever asks looks at the files at most once a second; readers
/// never wait for a reload and see the old rules or the new ones, never a mix.</summary>
internal sealed class ReloadingRules
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<PolicyRule> _defaults;
    private readonly PolicySource _source;
    private readonly Action<string> _tell;
    private readonly TimeProvider _time;
    private readonly Lock _reloading = new();
    private volatile State _state;
    private PolicyFiles? _seen;
    private long _lookedAt;

    /// <summary>Reads the files.</summary>
    /// <exception cref="PolicyLoadException">They cannot be used.</exception>
    public ReloadingRules(IReadOnlyList<PolicyRule> defaults, PolicySource source, Action<string> tell, TimeProvider time)
    {
        (_defaults, _source, _tell, _time) = (defaults, source, tell, time);
        _lookedAt = time.GetTimestamp();
        var files = PolicyFiles.Find(source);
        _state = Load(files);
        _seen = files;
        TellAll();
    }

    /// <summary>The rules that count now.</summary>
    public PolicyRuleSet Current
    {
        get
        {
            LookIfDue();
            return _state.Rules;
        }
    }

    /// <summary>What is wrong with the rules and the files, one line each.</summary>
    public IReadOnlyList<string> Problems => _state.Problems;

    /// <summary>Looks at the files now.</summary>
    /// <returns>True if they changed and their rules count from now on.</returns>
    public bool Reload()
    {
        lock (_reloading)
        {
            return Look();
        }
    }

    private void LookIfDue()
    {
        var before = Interlocked.Read(ref _lookedAt);
        var now = _time.GetTimestamp();
        if (_time.GetElapsedTime(before, now) < LookEvery || Interlocked.CompareExchange(ref _lookedAt, now, before) != before)
            return;
        if (!_reloading.TryEnter())
            return;
        try
        {
            Look();
        }
        finally
        {
            _reloading.Exit();
        }
    }

    private bool Look()
    {
        PolicyFiles? files = null;
        try
        {
            files = PolicyFiles.Find(_source);
            if (files.IsSame(_seen))
                return false;
            var main = _state.Main;
            _state = Load(files);
            _seen = files;
            if (main is not null && files.Main is null)
                _tell($"{main}: is gone; its rules no longer count");
            TellAll();
            return true;
        }
        catch (PolicyLoadException problem)
        {
            // Unreadable now may be readable the next time without another date; a wrong content stays wrong until it is written.
            _seen = problem.InnerException is null ? files : null;
            Keep(problem.Message);
            return false;
        }
    }

    private void Keep(string why)
    {
        var line = $"{why}; the rules from before stay";
        if (line == _state.Fault)
            return;
        _state = _state with { Fault = line };
        _tell(line);
    }

    private State Load(PolicyFiles files)
    {
        var notes = new List<string>();
        var rules = PolicyRuleSet.Build(_defaults, files.Read(notes), _source.EnforceNewDefaults, _source.DefaultRule);
        return new State(rules, [.. notes, .. rules.Problems], files.Main, Fault: null);
    }

    private void TellAll()
    {
        foreach (var problem in _state.Problems)
            _tell(problem);
    }

    /// <summary>What counts.</summary>
    /// <param name="Rules">The rules.</param>
    /// <param name="Found">What is wrong with them, and odd in their files.</param>
    /// <param name="Main">The main file that they are from; null if there was none.</param>
    /// <param name="Fault">Why the files of now cannot be used; null if they are.</param>
    private sealed record State(PolicyRuleSet Rules, IReadOnlyList<string> Found, string? Main, string? Fault)
    {
        public IReadOnlyList<string> Problems => Fault is null ? Found : [Fault, .. Found];
    }
}
