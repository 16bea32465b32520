using System.CommandLine;

namespace Cyborg.Hosting.Doctor;

/// <summary>The doctor of one service.</summary>
/// <param name="Program">Its program: <c>cyborg-agent</c>.</param>
/// <param name="Options">Every option that the service reads.</param>
/// <param name="Judges">Read what belongs together, as the service does at its start; each throws <see cref="ConfigException"/> with all its faults.</param>
/// <param name="Checks">Makes the checks beside that of the configuration, which is without faults then. It opens nothing.</param>
public sealed record ServiceDoctor(
    string Program, IReadOnlyList<Option> Options, IReadOnlyList<Action<CyborgConfig>> Judges, Func<CyborgConfig, IReadOnlyList<DoctorCheck>> Checks)
{
    /// <summary>Looks at everything.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="limit">Time of one check.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<DoctorPage> LookAsync(CommandLineArguments arguments, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        var review = ConfigReview.Of(arguments, Options, Judges);
        IReadOnlyList<DoctorCheck> others = review.Faults.Count == 0
            ? Checks(review.Config)
            : [new DoctorCheck("all else", _ => Task.FromResult(DoctorFinding.Skipped("not asked: the configuration cannot be used")))];
        return DoctorPage.AskAsync(Program, Host(review), [ConfigurationCheck.Of(review, Program), .. others], limit, time, cancellationToken);
    }

    private static string Host(ConfigReview review)
    {
        try
        {
            return review.Config.Get(SharedOptions.HostOption);
        }
        catch (ConfigException)
        {
            return SharedOptions.HostOption.Default;
        }
    }
}

/// <summary><c>doctor</c> of a service.</summary>
public static class DoctorVerb
{
    private const double DefaultLimit = 10;
    private const int Failed = 2;

    /// <summary>Adds the verb to a service's command line.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="doctor">The service's doctor.</param>
    public static ServiceCommandLine DoctorVerbs(this ServiceCommandLine line, ServiceDoctor doctor)
    {
        var format = new System.CommandLine.Option<string>("--format", "-f")
        {
            HelpName = "FORMAT",
            Description = "text or json.",
            DefaultValueFactory = _ => "text",
        };
        format.AcceptOnlyFromAmong("text", "json");
        var limit = new System.CommandLine.Option<double>("--timeout")
        {
            HelpName = "SECONDS",
            Description = "Time of one check; all are asked at the same time.",
            DefaultValueFactory = _ => DefaultLimit,
        };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0.1 and <= 3600))
                result.AddError("--timeout: write 0.1 to 3600 seconds.");
        });
        return line.Verb(line.Does(
            new Command("doctor", "Looks at everything that this service needs, one line each with its remedy: 0 all is well, 1 something should be looked at, 2 something does not work.")
            {
                format, limit,
            },
            async (arguments, parsed, stop) =>
            {
                var page = await doctor.LookAsync(arguments, TimeSpan.FromSeconds(parsed.GetValue(limit)), TimeProvider.System, stop).ConfigureAwait(false);
                var text = parsed.GetValue(format) == "json" ? page.ToJson() + "\n" : page.ToText();
                await parsed.InvocationConfiguration.Output.WriteAsync(text).ConfigureAwait(false);
                return page.ExitCode;
            },
            Failed), Failed);
    }
}
