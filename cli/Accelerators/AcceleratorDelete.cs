using System.CommandLine;

namespace Cyborg.Cli;

/// <summary><c>cyborg accelerator-delete</c>: <c>DELETE /v1/accelerators/{uuid}?deprovision=true</c>. (Without that argument DELETE detaches, as the proposal has
/// it: <see cref="AcceleratorDetach"/>.)</summary>
internal sealed class AcceleratorDelete : Verb
{
    private readonly Argument<string> _accelerator;

    public AcceleratorDelete()
        : base("accelerator-delete", "Has the backend that made an accelerator take it away.", "Taking the accelerator away", waits: true) =>
        _accelerator = Word("accelerator", AcceleratorCalls.WordHelp);

    protected override async Task<Page> RunAsync(VerbCall call)
    {
        var uuid = AcceleratorCalls.Uuid(await AcceleratorCalls.FindAsync(call, call.Get(_accelerator)).ConfigureAwait(false));
        try
        {
            var path = QueryText.Of(AcceleratorCalls.Path(uuid), ("deprovision", "true"));
            await call.Client.SendAsync(HttpMethod.Delete, path, null, call.Stop).ConfigureAwait(false);
        }
        catch (CliFault fault) when (fault.Code == ExitCodes.GoesOn && call.Wait is not null)
        {
            // It is followed below.
        }
        // Where the backend has done its part, it is shown until its host has told so.
        return call.Wait is null
            ? Page.Nothing
            : await call.Wait.UntilAsync(() => LookAsync(call, uuid), $"accelerator {uuid} is being taken away", call.Stop).ConfigureAwait(false);
    }

    private static async Task<Page?> LookAsync(VerbCall call, string uuid)
    {
        if (await AcceleratorCalls.TryGetAsync(call, uuid).ConfigureAwait(false) is not { } left)
            return Page.Nothing;
        return AcceleratorCalls.IsInError(left) ? throw AcceleratorCalls.InError(left) : null;
    }
}
