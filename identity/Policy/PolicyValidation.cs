namespace Cyborg.Identity.Policy;

/// <summary>What a look at policy files found.</summary>
/// <param name="Faults">What is wrong, one line each; empty if the files are good.</param>
/// <param name="Notes">What is odd, and what the files could do without.</param>
public sealed record PolicyValidation(IReadOnlyList<string> Faults, IReadOnlyList<string> Notes)
{
    /// <summary>Looks at policy files as a service would, and says all that it finds: bytes that are no policy file, checks that cannot be
    /// read, rules that nothing asks for, references to nothing, rules that refer to themselves.</summary>
    /// <param name="rules">The rules of code.</param>
    /// <param name="source">Where the files are.</param>
    public static PolicyValidation Of(IReadOnlyList<PolicyRule> rules, PolicySource source)
    {
        try
        {
            var notes = new List<string>();
            var files = PolicyFiles.Find(source);
            var read = PolicyRuleSet.Build(rules, files.Read(notes), source.EnforceNewDefaults, source.DefaultRule);
            return new PolicyValidation([.. read.Problems, .. read.UnknownRules], [.. notes, .. read.Advice.Except(read.UnknownRules)]);
        }
        catch (PolicyLoadException fault)
        {
            return new PolicyValidation([PolicyRuleSet.Shown(fault.Message, 1000)], []);
        }
    }

    /// <summary>Looks at one file.</summary>
    /// <param name="rules">The rules of code.</param>
    /// <param name="source">Where the deployment's files are; they do not count here.</param>
    /// <param name="file">The file.</param>
    public static PolicyValidation OfFile(IReadOnlyList<PolicyRule> rules, PolicySource source, string file)
    {
        var path = Path.GetFullPath(file);
        return File.Exists(path)
            ? Of(rules, source with { File = path, Folders = [] })
            : new PolicyValidation([$"{file}: {(Directory.Exists(path) ? "is a folder" : "there is no such file")}"], []);
    }
}
