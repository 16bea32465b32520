using System.CommandLine;
using System.Text.Json.Nodes;
using Cyborg.Hosting;

namespace Cyborg.Cli;

/// <summary><c>cyborg accelerator-create</c>: <c>POST /v1/accelerators</c>. The uuid is chosen here, so that work which outlasts the request can be
/// followed.</summary>
internal sealed class AcceleratorCreate : AcceleratorVerb
{
    private readonly Argument<string> _name;
    private readonly System.CommandLine.Option<string?> _uuid, _host, _backend;
    private readonly SpecFlags _specs;

    public AcceleratorCreate()
        : base("accelerator-create", "Has a backend make an accelerator.", "Making the accelerator", waits: true)
    {
        _name = Word("name", "Its name; no other accelerator has it.");
        _uuid = Flag("--uuid", "UUID", "Its uuid; a new one if not given.");
        _host = Flag("--host", "HOST", "Host whose backend makes it.");
        _backend = Flag("--backend", "BACKEND", "Backend that makes it.");
        _specs = new SpecFlags(
            Flag("--device-type", "TYPE", SpecFlags.DeviceTypeHelp), Number("--num", "N", SpecFlags.NumHelp), Truth("--remote", SpecFlags.RemoteHelp),
            Flag("--capability", "JSON", SpecFlags.CapabilityHelp));
    }

    protected override async Task<Page> RunAsync(VerbCall call)
    {
        var id = call.Get(_uuid) ?? Guid.NewGuid().ToString();
        if (!Guid.TryParse(id, out _))
            throw CliFault.Usage($"--uuid: {Printable.Escape(id, 80)} is no uuid");
        var body = new JsonObject { ["name"] = call.Get(_name), ["uuid"] = id };
        if (_specs.Read(call) is { } given)
            body["acc_specs"] = given;
        if (call.Get(_host) is { } where)
            body["host"] = where;
        if (call.Get(_backend) is { } by)
            body["backend"] = by;
        try
        {
            await call.Client.SendAsync(HttpMethod.Post, "/v1/accelerators", body, call.Stop).ConfigureAwait(false);
        }
        catch (CliFault fault) when (fault.Code == ExitCodes.GoesOn && call.Wait is not null)
        {
            // It is there, in state creating: it is followed below.
        }
        catch (CliFault fault) when (fault.Code == ExitCodes.GoesOn)
        {
            throw CliFault.GoesOn($"{fault.Message}; accelerator {id}");
        }
        return Page.One(call.Wait is null
            ? await AcceleratorCalls.GetAsync(call, id).ConfigureAwait(false)
            : await AcceleratorCalls.UntilAsync(call, id, now => AcceleratorCalls.State(now) != "creating", $"accelerator {id} is being made").ConfigureAwait(false));
    }
}
