using System.CommandLine;
using System.Text.Json.Nodes;

namespace Cyborg.Cli;

/// <summary><c>cyborg detach-instance</c>: <c>POST /v1/instances/{id}/detach</c>.</summary>
internal sealed class DetachInstance : Verb
{
    private readonly Argument<string> _instance;
    private readonly Option<string?> _accelerator;

    public DetachInstance()
        : base(
            "detach-instance", "Detaches an accelerator from a server; all that attach-instance gave it if none is named.", "Detaching from the server",
            waits: true)
    {
        _instance = Word("instance", "Uuid of the server.");
        _accelerator = Flag("--accelerator", "UUID|NAME", AcceleratorCalls.WordHelp);
    }

    protected override async Task<Page> RunAsync(VerbCall call)
    {
        var server = InstanceWord.Uuid(call.Get(_instance));
        var body = new JsonObject();
        if (call.Get(_accelerator) is { } wanted)
            body["accelerator"] = AcceleratorCalls.Uuid(await AcceleratorCalls.FindAsync(call, wanted).ConfigureAwait(false));
        try
        {
            await call.Client.SendAsync(HttpMethod.Post, $"/v1/instances/{server}/detach", body, call.Stop).ConfigureAwait(false);
            return Page.Nothing;
        }
        catch (CliFault fault) when (fault.Code == ExitCodes.GoesOn && call.Wait is not null)
        {
            var uuid = (string?)body["accelerator"];
            return await call.Wait.UntilAsync(() => LookAsync(call, server, uuid), $"server {server} is being detached", call.Stop).ConfigureAwait(false);
        }
    }

    private static async Task<Page?> LookAsync(VerbCall call, string server, string? uuid)
    {
        var all = await AcceleratorCalls.ListAsync(call, [], null).ConfigureAwait(false);
        var left = all.Where(one => uuid is null || AcceleratorCalls.Uuid(one) == uuid).Any(one => Attachments.Of(one, Attachments.Instance, server).Any());
        return left ? null : Page.Nothing;
    }
}
