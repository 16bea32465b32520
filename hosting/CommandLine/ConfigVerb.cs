using System.CommandLine;

namespace Cyborg.Hosting;

/// <summary><c>config sample</c> and <c>config check</c> of a service.</summary>
public static class ConfigVerb
{
    /// <summary>Exit code of a command line that cannot be used, where 1 is an answer.</summary>
    private const int Unusable = 2;

    /// <summary>Adds the verb to a service's command line.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="options">Every option that the service reads.</param>
    /// <param name="judges">Read what belongs together, as the service does at its start; each throws <see cref="ConfigException"/> with all its faults.</param>
    public static ServiceCommandLine ConfigVerbs(
        this ServiceCommandLine line, IReadOnlyList<Option> options, params IReadOnlyList<Action<CyborgConfig>> judges)
    {
        var config = new Command("config", "Shows the options of cyborg.conf, and looks for faults in it.")
        {
            Sample(line, options), Check(line, options, judges),
        };
        return line.Verb(config, Unusable);
    }

    private static Command Sample(ServiceCommandLine line, IReadOnlyList<Option> options)
    {
        var all = new System.CommandLine.Option<bool>("--all") { Description = "The options of all services, not only of this one." };
        return line.Does(
            new Command("sample", "Prints a cyborg.conf with every option that this service reads, its help and its default, commented out.") { all },
            async (_, parsed, _) =>
            {
                var text = parsed.GetValue(all) ? HouseOptions.Sample : ConfigSample.Of(options);
                await parsed.InvocationConfiguration.Output.WriteAsync(text).ConfigureAwait(false);
                return 0;
            },
            Unusable);
    }

    private static Command Check(ServiceCommandLine line, IReadOnlyList<Option> options, IReadOnlyList<Action<CyborgConfig>> judges)
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "Files to look at, later ones win; those of the deployment if none is given.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        return line.Does(
            new Command(
                "check",
                "Tells every fault, each with file and line, on standard output: 0 none, 1 some. What is odd, and what has no effect here, goes to standard error.")
            {
                files,
            },
            async (arguments, parsed, _) =>
            {
                var named = parsed.GetValue(files) ?? [];
                var page = ConfigReview.Of(named.Length == 0 ? arguments : arguments with { ConfigFiles = named, ConfigDirectories = [] }, options, judges);
                var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
                foreach (var warning in page.Warnings)
                    await error.WriteLineAsync($"warning: {warning}").ConfigureAwait(false);
                foreach (var note in page.Notes)
                    await error.WriteLineAsync($"note: {note}").ConfigureAwait(false);
                foreach (var fault in page.Faults)
                    await output.WriteLineAsync(fault).ConfigureAwait(false);
                if (page.Faults.Count == 0)
                    await output.WriteLineAsync($"{page.Summary}: no faults").ConfigureAwait(false);
                return page.Faults.Count == 0 ? 0 : 1;
            },
            Unusable);
    }
}
