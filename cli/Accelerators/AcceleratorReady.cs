using System.CommandLine;
using System.Text.Json.Nodes;

namespace Cyborg.Cli;

/// <summary><c>cyborg accelerator-ready</c>: <c>PUT /v1/accelerators/{uuid}</c> with <c>state</c>.</summary>
internal sealed class AcceleratorReady : AcceleratorVerb
{
    private static readonly string[] Usable = ["ready", "attaching", "attached"];

    private readonly Argument<string> _accelerator;
    private readonly Option<bool> _inactive = new("--inactive") { Description = "Set it inactive instead: nobody gets it any more." };

    public AcceleratorReady()
        : base(
            "accelerator-ready", "Sets an accelerator ready: its driver installs it, and it can be had.", "Setting the accelerator", waits: true)
    {
        _accelerator = Word("accelerator", AcceleratorCalls.WordHelp);
        Command.Add(_inactive);
    }

    protected override async Task<Page> RunAsync(VerbCall call)
    {
        var off = call.Parsed.GetValue(_inactive);
        var uuid = AcceleratorCalls.Uuid(await AcceleratorCalls.FindAsync(call, call.Get(_accelerator)).ConfigureAwait(false));
        var answer = await call.Client.SendAsync(
            HttpMethod.Put, AcceleratorCalls.Path(uuid), new JsonObject { ["state"] = off ? "inactive" : "ready" }, call.Stop).ConfigureAwait(false);
        if (call.Wait is not null)
        {
            return Page.One(await AcceleratorCalls.UntilAsync(
                call, uuid, now => off ? AcceleratorCalls.State(now) == "inactive" : Usable.Contains(AcceleratorCalls.State(now)),
                $"accelerator {uuid} is not {(off ? "inactive" : "ready")}").ConfigureAwait(false));
        }
        return Page.One(answer.Body ?? await AcceleratorCalls.GetAsync(call, uuid).ConfigureAwait(false));
    }
}
