using System.CommandLine;

namespace Cyborg.Cli;

/// <summary><c>cyborg accelerator-detach</c>: <c>DELETE /v1/accelerators/{uuid}</c>. The accelerator itself stays.</summary>
internal sealed class AcceleratorDetach : Verb
{
    private readonly Argument<string> _accelerator;
    private readonly Option<string?> _instance, _host;

    public AcceleratorDetach()
        : base("accelerator-detach", "Detaches an accelerator from an instance or a host; from all if neither is given.", "Detaching the accelerator", waits: true)
    {
        _accelerator = Word("accelerator", AcceleratorCalls.WordHelp);
        _instance = Flag("--instance", "UUID", "The server that has it.");
        _host = Flag("--host", "HOST", "The host that has it.");
    }

    protected override async Task<Page> RunAsync(VerbCall call)
    {
        var target = AttachTarget.Of(call.Get(_instance), call.Get(_host));
        var uuid = AcceleratorCalls.Uuid(await AcceleratorCalls.FindAsync(call, call.Get(_accelerator)).ConfigureAwait(false));
        try
        {
            var path = target is null ? AcceleratorCalls.Path(uuid) : QueryText.Of(AcceleratorCalls.Path(uuid), (target.Type, target.Id));
            await call.Client.SendAsync(HttpMethod.Delete, path, null, call.Stop).ConfigureAwait(false);
            return Page.Nothing;
        }
        catch (CliFault fault) when (fault.Code == ExitCodes.GoesOn && call.Wait is not null)
        {
            return await call.Wait.UntilAsync(() => LookAsync(call, uuid, target), $"accelerator {uuid} is being detached", call.Stop).ConfigureAwait(false);
        }
    }

    private static async Task<Page?> LookAsync(VerbCall call, string uuid, AttachTarget? target)
    {
        if (await AcceleratorCalls.TryGetAsync(call, uuid).ConfigureAwait(false) is not { } now)
            return Page.Nothing;
        return Attachments.Of(now, target?.Type, target?.Id).Any() ? null : Page.Nothing;
    }
}
