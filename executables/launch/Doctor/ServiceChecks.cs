using Cyborg.Hosting;
using Cyborg.Hosting.Doctor;
using Cyborg.Messaging;

namespace Cyborg.Executables;

/// <summary>What the verbs <c>config</c> and <c>doctor</c> of every service know of a service as such.</summary>
public static class ServiceChecks
{
    /// <summary>Adds both verbs.</summary>
    /// <param name="line">The service's command line.</param>
    /// <param name="name">The executable's name.</param>
    /// <param name="options">The room's options.</param>
    /// <param name="judge">Reads the room's options as its start does.</param>
    /// <param name="checks">The room's checks; gets how to connect to the bus once.</param>
    public static ServiceCommandLine CheckVerbs(
        this ServiceCommandLine line, string name, IReadOnlyList<Option> options, Action<CyborgConfig> judge,
        Func<CyborgConfig, Func<CancellationToken, Task<IBusTransport>>, IReadOnlyList<DoctorCheck>> checks)
    {
        IReadOnlyList<Option> all = [.. ServiceProcess.Options.Concat(options).Distinct()];
        IReadOnlyList<Action<CyborgConfig>> judges = [config => BusOpening.Judge(ServiceProcess.Role(name, config), config), judge];
        return line
            .ConfigVerbs(all, judges)
            .DoctorVerbs(new ServiceDoctor(name, all, judges, config => Checks(name, config, checks)));
    }

    private static List<DoctorCheck> Checks(
        string name, CyborgConfig config, Func<CyborgConfig, Func<CancellationToken, Task<IBusTransport>>, IReadOnlyList<DoctorCheck>> checks)
    {
        var host = config.Get(SharedOptions.HostOption);
        var target = name switch
        {
            "cyborg-api" => VerbTarget.Conductor,
            "cyborg-agent" => VerbTarget.Host,
            _ => VerbTarget.Agent,
        };
        // The conductor asks an agent that is none: no real one has this name, for it has a blank.
        return [BusCheck.Of(target, target == VerbTarget.Agent ? "no agent" : host, Open), .. checks(config, Open)];

        Task<IBusTransport> Open(CancellationToken stop) => BusOpening.OpenOnceAsync(ServiceProcess.Role(name, config), config, stop);
    }
}
