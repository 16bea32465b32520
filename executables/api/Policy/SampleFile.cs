using System.CommandLine;
using Cyborg.Api;
using Cyborg.Hosting;
using Cyborg.Identity.Policy;

namespace Cyborg.Executables;

/// <summary><c>policy sample</c>: a policy file with every rule commented out.</summary>
internal static class SampleFile
{
    public static Command Command(ServiceCommandLine line) => line.Does(
        new Command(
            "sample",
            "Prints a policy.yaml with every rule and its default, commented out. Without its first # each line counts and nothing changes, as long as "
            + "enforce_new_defaults is what it is now."),
        (arguments, _, _) =>
        {
            Console.Out.Write(PolicySample.Of(ApiPolicies.All, PolicyVerb.Source(arguments).EnforceNewDefaults));
            return Task.FromResult(0);
        },
        PolicyVerb.Unusable);
}
