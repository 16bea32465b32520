namespace Cyborg.Cli;

/// <summary>Every verb, in the order of <c>--help</c>. The first eight are the Pike proposal's (generic-driver-cyborg).</summary>
internal static class VerbTable
{
    private const string Api = "cyborg-api";

    private static readonly string[] Services = [Api, "cyborg-conductor", "cyborg-agent"];

    /// <summary>Verbs that ask the service.</summary>
    public static IReadOnlyList<Func<Verb>> OfService { get; } =
    [
        () => new DriverList(),
        () => new InstallDriver(),
        () => new UninstallDriver(),
        () => new UpdateDriver(),
        () => new ServiceList(),
        () => new DiscoverServices(),
        () => new AttachInstance(),
        () => new DetachInstance(),
        () => new AcceleratorList(),
        () => new AcceleratorShow(),
        () => new AcceleratorCreate(),
        () => new AcceleratorUpdate(),
        () => new AcceleratorReady(),
        () => new AcceleratorAttach(),
        () => new AcceleratorDetach(),
        () => new AcceleratorDelete(),
        () => new UsageShow(),
    ];

    /// <summary>Verbs that the services' own programs know.</summary>
    public static IReadOnlyList<RoomVerb> OfPrograms { get; } =
    [
        new("policy", [Api], "Shows the rules that say who may do what, and tries them (cyborg-api policy)."),
        new("config", Services, "Writes a sample of cyborg.conf, and checks one: asks each service's program on this machine.")
        {
            ByOne = ("sample", "--all"),
        },
        new("doctor", Services, "Checks each service of this machine, with a remedy for what is wrong."),
    ];
}
