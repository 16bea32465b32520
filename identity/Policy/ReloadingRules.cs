namespace Cyborg.Identity.Policy;

/// <summary>The rules of code and files, read again when a file changes. Whoever asks looks at the files at most once a second; readers
/// never wait for a reload and see the old rules or the new ones, never a mix.</summary>
internal sealed class ReloadingRules
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<PolicyRule> defaults;
    private readonly PolicySource source;
    private readonly Action<string> tell;
    private readonly TimeProvider time;
    private readonly Lock reloading = new();
    private volatile State state;
    private PolicyFiles? seen;
    private long lookedAt;

    /// <summary>Reads the files.</summary>
    /// <exception cref="PolicyLoadException">They cannot be used.</exception>
    public ReloadingRules(IReadOnlyList<PolicyRule> defaults, PolicySource source, Action<string> tell, TimeProvider time)
    {
        (this.defaults, this.source, this.tell, this.time) = (defaults, source, tell, time);
        lookedAt = time.GetTimestamp();
        var files = PolicyFiles.Find(source);
        state = Load(files);
        seen = files;
        TellAll();
    }

    /// <summary>The rules that count now.</summary>
    public PolicyRuleSet Current
    {
        get
        {
            LookIfDue();
            return state.Rules;
        }
    }

    /// <summary>What is wrong with the rules and the files, one line each.</summary>
    public IReadOnlyList<string> Problems => state.Problems;

    /// <summary>Looks at the files now.</summary>
    /// <returns>True if they changed and their rules count from now on.</returns>
    public bool Reload()
    {
        lock (reloading)
        {
            return Look();
        }
    }

    private void LookIfDue()
    {
        var before = Interlocked.Read(ref lookedAt);
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(before, now) < LookEvery || Interlocked.CompareExchange(ref lookedAt, now, before) != before)
            return;
        if (!reloading.TryEnter())
            return;
        try
        {
            Look();
        }
        finally
        {
            reloading.Exit();
        }
    }

    private bool Look()
    {
        PolicyFiles? files = null;
        try
        {
            files = PolicyFiles.Find(source);
            if (files.IsSame(seen))
                return false;
            var main = state.Main;
            state = Load(files);
            seen = files;
            if (main is not null && files.Main is null)
                tell($"{main}: is gone; its rules no longer count");
            TellAll();
            return true;
        }
        catch (PolicyLoadException problem)
        {
            // Unreadable now may be readable the next time without another date; a wrong content stays wrong until it is written.
            seen = problem.InnerException is null ? files : null;
            Keep(problem.Message);
            return false;
        }
    }

    private void Keep(string why)
    {
        var line = $"{why}; the rules from before stay";
        if (line == state.Fault)
            return;
        state = state with { Fault = line };
        tell(line);
    }

    private State Load(PolicyFiles files)
    {
        var notes = new List<string>();
        var rules = PolicyRuleSet.Build(defaults, files.Read(notes), source.EnforceNewDefaults, source.DefaultRule);
        return new State(rules, [.. notes, .. rules.Problems], files.Main, Fault: null);
    }

    private void TellAll()
    {
        foreach (var problem in state.Problems)
            tell(problem);
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
