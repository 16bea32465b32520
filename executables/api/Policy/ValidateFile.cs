using System.CommandLine;
using Cyborg.Api;
using Cyborg.Hosting;
using Cyborg.Identity.Policy;

namespace Cyborg.Executables;

/// <summary><c>policy validate</c>: says what is wrong with policy files. Faults are lines on standard output, and the exit code is 1 if there is
/// one; what is merely odd goes to standard error.</summary>
internal static class ValidateFile
{
    private static readonly Argument<string?> File = new("FILE")
    {
        Description = "The file; the deployment's policy_file and policy_dirs if not given.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Command(ServiceCommandLine line) => line.Does(
        new Command("validate", "Says what is wrong with policy files, one line each: 0 nothing, 1 something.") { File },
        (arguments, parsed, _) =>
        {
            var source = PolicyVerb.Source(arguments);
            var found = parsed.GetValue(File) is { } file
                ? PolicyValidation.OfFile(ApiPolicies.All, source, file)
                : PolicyValidation.Of(ApiPolicies.All, source);
            foreach (var note in found.Notes)
                Console.Error.WriteLine(note);
            foreach (var fault in found.Faults)
                Console.Out.WriteLine(fault);
            return Task.FromResult(found.Faults.Count == 0 ? 0 : 1);
        },
        PolicyVerb.Unusable);
}
