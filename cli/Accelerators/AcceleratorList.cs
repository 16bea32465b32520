using System.CommandLine;

namespace Cyborg.Cli;

/// <summary><c>cyborg accelerator-list</c>: <c>GET /v1/accelerators</c>, all pages.</summary>
internal sealed class AcceleratorList : Verb
{
    private readonly Option<string?> name, state, host, backend, driver, deviceType, accType, vendor, provider, marker;
    private readonly Option<bool?> remote;
    private readonly Option<int?> limit;

    public AcceleratorList()
        : base("accelerator-list", "Lists accelerators, oldest first.", "Listing accelerators")
    {
        name = Flag("--name", "NAME", "Those of this name.");
        state = Flag("--state", "STATE", "Those in this state.");
        state.CompletionSources.Add("creating", "inactive", "installing", "ready", "attaching", "attached", "error", "deleting");
        host = Flag("--host", "HOST", "Those of this host.");
        backend = Flag("--backend", "BACKEND", "Those of this backend.");
        driver = Flag("--driver", "DRIVER", "Those of this driver.");
        deviceType = Flag("--device-type", "TYPE", "Those of this kind.");
        accType = Flag("--acc-type", "TYPE", "Those of this acceleration type.");
        vendor = Flag("--vendor-id", "ID", "Those of this vendor.");
        remote = Truth("--remote", "Those that are, or are not, in a rack.");
        provider = Flag("--resource-provider", "UUID", "The one of this resource provider.");
        limit = Number("--limit", "N", "Most to list; all if not given.");
        marker = Flag("--marker", "UUID", "List those after this one.");
    }

    protected override IReadOnlyList<Column> Columns => AcceleratorColumns.All;

    protected override IReadOnlyList<string> Shown => AcceleratorColumns.OfList;

    protected override async Task<Page> RunAsync(VerbCall call)
    {
        if (call.Get(limit) is < 1)
            throw CliFault.Usage("--limit takes a whole number from 1 on");
        var filters = new (string Name, string? Value)[]
        {
            ("name", call.Get(name)), ("state", call.Get(state)), ("host", call.Get(host)), ("backend", call.Get(backend)), ("driver", call.Get(driver)),
            ("device_type", call.Get(deviceType)), ("acc_type", call.Get(accType)), ("vendor_id", call.Get(vendor)),
            ("remote", call.Get(remote) switch { null => null, true => "1", false => "0" }),
            ("resource_provider_uuid", call.Get(provider)), ("marker", call.Get(marker)),
        };
        return new Page(await AcceleratorCalls.ListAsync(call, filters, call.Get(limit)).ConfigureAwait(false), IsOne: false);
    }
}
