using System.CommandLine;

namespace Cyborg.Cli;

/// <summary><c>cyborg accelerator-list</c>: <c>GET /v1/accelerators</c>, all pages.</summary>
internal sealed class AcceleratorList : Verb
{
    private readonly Option<string?> _name, _state, _host, _backend, _driver, _deviceType, _accType, _vendor, _provider, _marker;
    private readonly Option<bool?> _remote;
    private readonly Option<int?> _limit;

    public AcceleratorList()
        : base("accelerator-list", "Lists accelerators, oldest first.", "Listing accelerators")
    {
        _name = Flag("--name", "NAME", "Those of this name.");
        _state = Flag("--state", "STATE", "Those in this state.");
        _state.CompletionSources.Add("creating", "inactive", "installing", "ready", "attaching", "attached", "error", "deleting");
        _host = Flag("--host", "HOST", "Those of this host.");
        _backend = Flag("--backend", "BACKEND", "Those of this backend.");
        _driver = Flag("--driver", "DRIVER", "Those of this driver.");
        _deviceType = Flag("--device-type", "TYPE", "Those of this kind.");
        _accType = Flag("--acc-type", "TYPE", "Those of this acceleration type.");
        _vendor = Flag("--vendor-id", "ID", "Those of this vendor.");
        _remote = Truth("--remote", "Those that are, or are not, in a rack.");
        _provider = Flag("--resource-provider", "UUID", "The one of this resource provider.");
        _limit = Number("--limit", "N", "Most to list; all if not given.");
        _marker = Flag("--marker", "UUID", "List those after this one.");
    }

    protected override IReadOnlyList<Column> Columns => AcceleratorColumns.All;

    protected override IReadOnlyList<string> Shown => AcceleratorColumns.OfList;

    protected override async Task<Page> RunAsync(VerbCall call)
    {
        if (call.Get(_limit) is < 1)
            throw CliFault.Usage("--limit takes a whole number from 1 on");
        var filters = new (string Name, string? Value)[]
        {
            ("name", call.Get(_name)), ("state", call.Get(_state)), ("host", call.Get(_host)), ("backend", call.Get(_backend)), ("driver", call.Get(_driver)),
            ("device_type", call.Get(_deviceType)), ("acc_type", call.Get(_accType)), ("vendor_id", call.Get(_vendor)),
            ("remote", call.Get(_remote) switch { null => null, true => "1", false => "0" }),
            ("resource_provider_uuid", call.Get(_provider)), ("marker", call.Get(_marker)),
        };
        return new Page(await AcceleratorCalls.ListAsync(call, filters, call.Get(_limit)).ConfigureAwait(false), IsOne: false);
    }
}
