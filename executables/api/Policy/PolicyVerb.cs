using System.CommandLine;
using Cyborg.Api;
using Cyborg.Hosting;
using Cyborg.Identity.Policy;

namespace Cyborg.Executables;

/// <summary><c>cyborg-api policy ...</c>: what the API's rules are and what they say. It reads the same files as the service, and talks to no
/// other.</summary>
internal static class PolicyVerb
{
    /// <summary>Exit code of a command line or files that cannot be used, where 1 is the answer no.</summary>
    public const int Unusable = 2;

    /// <summary>Adds the verb.</summary>
    public static ServiceCommandLine PolicyVerbs(this ServiceCommandLine line)
    {
        var policy = new Command("policy", "Shows the rules that say who may do what, and tries them.")
        {
            ListRules.Command(line), CheckRule.Command(line), SampleFile.Command(line), ValidateFile.Command(line),
        };
        return line.Verb(policy, Unusable);
    }

    /// <summary>A flag with a value.</summary>
    public static System.CommandLine.Option<string?> Flag(string name, string valueName, string help) =>
        new(name) { HelpName = valueName, Description = help };

    /// <summary>Where the deployment's policy is.</summary>
    public static PolicySource Source(CommandLineArguments arguments) =>
        PolicyOptions.From(CyborgConfig.Load(arguments, PolicyOptions.All));

    /// <summary>Does something with the deployment's rules; what is wrong with them goes to standard error.</summary>
    public static async Task<int> WithRulesAsync(CommandLineArguments arguments, Func<PolicyEnforcer, Task<int>> work)
    {
        try
        {
            using var enforcer = PolicyEnforcer.Load(ApiPolicies.All, Source(arguments), Console.Error.WriteLine);
            return await work(enforcer);
        }
        catch (Exception fault) when (fault is PolicyLoadException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(fault.Message);
            return Unusable;
        }
    }
}
