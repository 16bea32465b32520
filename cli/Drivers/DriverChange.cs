using System.CommandLine;
using System.Text.Json.Nodes;

namespace Cyborg.Cli;

/// <summary>What installing and updating a driver have in common. The package's files are in the host's <c>[agent] driver_path</c> already.</summary>
internal abstract class DriverChange : Verb
{
    private readonly Argument<string> _driver;
    private readonly Option<string?> _version, _checksum, _host;

    protected DriverChange(string name, string help, string doing) : base(name, help, doing)
    {
        _driver = Word("driver_id", "The driver's id, as its package names it.");
        _version = Flag("--version", "VERSION", "Version of the package; the newest on the host if not given.");
        _checksum = Flag("--checksum", "SHA256", "What the package's checksum has to be.");
        _host = Flag("--host", "HOST", "The host; needed where there are several.");
    }

    protected override IReadOnlyList<Column> Columns => DriverRows.Columns;

    /// <summary>The driver's id.</summary>
    protected string Id(VerbCall call) => call.Get(_driver);

    /// <summary>The body, with what was given.</summary>
    protected JsonObject Body(VerbCall call)
    {
        var body = new JsonObject();
        foreach (var (key, flag) in new[] { ("version", _version), ("checksum", _checksum), ("host", _host) })
        {
            if (call.Get(flag) is { } value)
                body[key] = value;
        }
        return body;
    }
}
