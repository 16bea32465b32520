using Cyborg.Api;
using Cyborg.Hosting;

namespace Cyborg.Executables.Upgrade;

/// <summary>Whether policy files are in the old form (upstream: oslo.upgradecheck's check_policy_json, which fails, for there a service does not read it any
/// more). Here JSON is read as the YAML that it is; a <c>policy.json</c> beside the configuration that nobody names is not.</summary>
internal static class PolicyFileCheck
{
    private const string Convert = "write it as YAML (oslopolicy-convert-json-to-yaml, or cyborg-api policy sample as a start)";

    public static UpgradeCheck Of(CyborgConfig config) => UpgradeCheck.Of("Policy File JSON to YAML Migration", () => Look(config));

    private static UpgradeResult Look(CyborgConfig config)
    {
        var source = PolicyOptions.From(config);
        if (Locate(source.File, source.SearchFolders) is { } file)
            return IsJson(file) ? new(UpgradeCode.Warning, $"{file} is JSON. It is read, but comments are lost on the way to it; {Convert}.") : UpgradeResult.Success;
        return Locate("policy.json", source.SearchFolders) is { } old
            ? new(UpgradeCode.Failure, $"{old} is not read any more: [oslo_policy] policy_file is {source.File}, which is not there. If its rules are meant, {Convert}.")
            : UpgradeResult.Success;
    }

    private static string? Locate(string name, IReadOnlyList<string> folders) =>
        (Path.IsPathRooted(name) ? [name] : folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    private static bool IsJson(string file)
    {
        try
        {
            using var reader = new StreamReader(file);
            int next;
            while ((next = reader.Read()) >= 0)
            {
                if (!char.IsWhiteSpace((char)next))
                    return next == '{';
            }
            return false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next check tells it.
            return false;
        }
    }
}
