namespace Cyborg.Executables.Upgrade;

/// <summary>How a check ended; the numbers are the exit codes of oslo.upgradecheck.</summary>
internal enum UpgradeCode
{
    /// <summary>Nothing to do.</summary>
    Success = 0,

    /// <summary>The services would run, but somebody should look first.</summary>
    Warning = 1,

    /// <summary>The services would not run, or not do their work.</summary>
    Failure = 2,
}

/// <summary>What a check found.</summary>
/// <param name="Code">How it ended.</param>
/// <param name="Details">What was found and what to do; null if there is nothing to say. Never a secret.</param>
internal sealed record UpgradeResult(UpgradeCode Code, string? Details = null)
{
    public static UpgradeResult Success { get; } = new(UpgradeCode.Success);
}

/// <summary>A look at one thing before services of this release start.</summary>
/// <param name="Name">What it looks at, as the table shows it.</param>
/// <param name="Look">Looks, and changes nothing.</param>
internal sealed record UpgradeCheck(string Name, Func<CancellationToken, Task<UpgradeResult>> Look)
{
    /// <summary>A check that has all it needs.</summary>
    public static UpgradeCheck Of(string name, Func<UpgradeResult> look) => new(name, _ => Task.FromResult(look()));
}
