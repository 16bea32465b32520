using System.CommandLine;
using System.Text.Json.Nodes;

namespace Cyborg.Cli;

/// <summary>What installing and updating a driver have in common. The package's files are in the host's <c>[agent] driver_path</c> already.</summary>
internal abstract class DriverChange : Verb
{
    private readonly Argument<string> driver;
    private readonly Option<string?> version, checksum, host;

    protected DriverChange(string name, string help, string doing) : base(name, help, doing)
    {
        driver = Word("driver_id", "The driver's id, as its package names it.");
        version = Flag("--version", "VERSION", "Version of the package; the newest on the host if not given.");
        checksum = Flag("--checksum", "SHA256", "What the package's checksum has to be.");
        host = Flag("--host", "HOST", "The host; needed where there are several.");
    }

    protected override IReadOnlyList<Column> Columns => DriverRows.Columns;

    /// <summary>The driver's id.</summary>
    protected string Id(VerbCall call) => call.Get(driver);

    /// <summary>The body, with what was given.</summary>
    protected JsonObject Body(VerbCall call)
    {
        var body = new JsonObject();
        foreach (var (key, flag) in new[] { ("version", version), ("checksum", checksum), ("host", host) })
        {
            if (call.Get(flag) is { } value)
                body[key] = value;
        }
        return body;
    }
}
