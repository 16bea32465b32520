using System.CommandLine;
using System.Text.Json.Nodes;

namespace Cyborg.Cli;

/// <summary><c>cyborg accelerator-update</c>: <c>PUT /v1/accelerators/{uuid}</c> with <c>acc_specs</c>.</summary>
internal sealed class AcceleratorUpdate : AcceleratorVerb
{
    private readonly Argument<string> _accelerator;
    private readonly SpecFlags _specs;
    private readonly Option<int?> _generation;

    public AcceleratorUpdate()
        : base("accelerator-update", "Changes the spec of an accelerator; what is not given stays.", "Changing the accelerator")
    {
        _accelerator = Word("accelerator", AcceleratorCalls.WordHelp);
        _specs = new SpecFlags(
            Flag("--device-type", "TYPE", SpecFlags.DeviceTypeHelp), Number("--num", "N", SpecFlags.NumHelp), Truth("--remote", SpecFlags.RemoteHelp),
            Flag("--capability", "JSON", SpecFlags.CapabilityHelp));
        _generation = Number("--if-generation", "N", "Only if nobody has changed it since: the generation that was shown.");
    }

    protected override async Task<Page> RunAsync(VerbCall call)
    {
        var change = _specs.Read(call) ?? throw CliFault.Usage("there is nothing to change: give --device-type, --num, --remote or --capability");
        var uuid = AcceleratorCalls.Uuid(await AcceleratorCalls.FindAsync(call, call.Get(_accelerator)).ConfigureAwait(false));
        var answer = await call.Client.SendAsync(
            HttpMethod.Put, AcceleratorCalls.Path(uuid), new JsonObject { ["acc_specs"] = change }, call.Stop, call.Get(_generation)).ConfigureAwait(false);
        return Page.One(answer.Body ?? await AcceleratorCalls.GetAsync(call, uuid).ConfigureAwait(false));
    }
}
