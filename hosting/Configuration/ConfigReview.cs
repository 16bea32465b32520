namespace Cyborg.Hosting;

/// <summary>What a look at configuration files finds, all at once.</summary>
/// <param name="Faults">What is wrong, one line each with its place; the service would not start.</param>
/// <param name="Warnings">Options that nobody knows or reads.</param>
/// <param name="Notes">Options that have no effect here, with the reason.</param>
/// <param name="Summary">Which files were read, and how many options they set.</param>
public sealed record ConfigReview(IReadOnlyList<string> Faults, IReadOnlyList<string> Warnings, IReadOnlyList<string> Notes, string Summary)
{
    /// <summary>The summary where a file could not be read at all.</summary>
    public const string NoFile = "no file could be read";

    /// <summary>The configuration; of no use if there are faults.</summary>
    public CyborgConfig Config { get; private init; } = CyborgConfig.Empty;

    /// <summary>Looks at the files that a command line names, or at the deployment's own.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="options">Every option that the service reads.</param>
    /// <param name="judges">Read what belongs together, as the service does at its start; each throws <see cref="ConfigException"/> with all its faults.</param>
    public static ConfigReview Of(CommandLineArguments arguments, IReadOnlyList<Option> options, IReadOnlyList<Action<CyborgConfig>> judges)
    {
        var faults = new List<string>();
        IReadOnlyList<ConfigSource> files = [];
        try
        {
            files = ConfigFiles.Read(arguments);
        }
        catch (ConfigException error)
        {
            return new ConfigReview(error.Faults, [], [], NoFile);
        }
        var config = CyborgConfig.Read(files, options, faults);
        foreach (var judge in judges)
            Judge(judge, config, faults);
        var summary = files.Count == 0
            ? "no configuration file, all defaults"
            : $"{string.Join(", ", files.Select(file => Printable.Escape(file.Path)))}: {config.SetCount} options set";
        return new ConfigReview([.. faults.Distinct()], config.Warnings, config.Notes, summary) { Config = config };
    }

    private static void Judge(Action<CyborgConfig> judge, CyborgConfig config, List<string> faults)
    {
        try
        {
            judge(config);
        }
        catch (ConfigException error)
        {
            faults.AddRange(error.Faults);
        }
    }
}
