using System.CommandLine;

namespace Cyborg.Cli;

/// <summary><c>cyborg accelerator-show</c>: <c>GET /v1/accelerators/{uuid}</c>.</summary>
internal sealed class AcceleratorShow : AcceleratorVerb
{
    private readonly Argument<string> _accelerator;

    public AcceleratorShow()
        : base("accelerator-show", "Shows an accelerator.", "Asking for the accelerator") =>
        _accelerator = Word("accelerator", AcceleratorCalls.WordHelp);

    protected override async Task<Page> RunAsync(VerbCall call) =>
        Page.One(await AcceleratorCalls.FindAsync(call, call.Get(_accelerator)).ConfigureAwait(false));
}
