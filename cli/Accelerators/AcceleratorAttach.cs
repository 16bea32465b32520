using System.CommandLine;
using System.Text.Json.Nodes;

namespace Cyborg.Cli;

/// <summary><c>cyborg accelerator-attach</c>: <c>PUT /v1/accelerators/{uuid}</c> with <c>name</c> and <c>target</c>.</summary>
internal sealed class AcceleratorAttach : AcceleratorVerb
{
    private readonly Argument<string> _accelerator;
    private readonly Option<string?> _instance, _host;

    public AcceleratorAttach()
        : base(
            "accelerator-attach", "Attaches an accelerator to an instance or a host; to its own host if neither is given.", "Attaching the accelerator", waits: true)
    {
        _accelerator = Word("accelerator", AcceleratorCalls.WordHelp);
        _instance = Flag("--instance", "UUID", "The server that gets it.");
        _host = Flag("--host", "HOST", "The host that gets it.");
    }

    protected override async Task<Page> RunAsync(VerbCall call)
    {
        var target = AttachTarget.Of(call.Get(_instance), call.Get(_host));
        var found = await AcceleratorCalls.FindAsync(call, call.Get(_accelerator)).ConfigureAwait(false);
        var uuid = AcceleratorCalls.Uuid(found);
        var body = new JsonObject { ["name"] = (string?)found["name"] };
        if (target is not null)
            body["target"] = new JsonObject { ["type"] = target.Type, ["id"] = target.Id };
        // What is under way is joined: to repeat it is to wait for it.
        Task<Answer> AttachAsync() => call.Client.SendAsync(HttpMethod.Put, AcceleratorCalls.Path(uuid), (JsonObject)body.DeepClone(), call.Stop);
        var answer = call.Wait is null
            ? await AttachAsync().ConfigureAwait(false)
            : await call.Wait.RepeatAsync(AttachAsync, $"accelerator {uuid} is being attached", call.Stop).ConfigureAwait(false);
        return Page.One(answer.Body ?? await AcceleratorCalls.GetAsync(call, uuid).ConfigureAwait(false));
    }
}

/// <summary>What an accelerator is attached to.</summary>
/// <param name="Type"><c>instance</c> or <c>host</c>.</param>
/// <param name="Id">The server's uuid, or the host's name.</param>
internal sealed record AttachTarget(string Type, string Id)
{
    /// <summary>The target that two flags say; null if neither does.</summary>
    /// <exception cref="CliFault">Both do, or the server's is no uuid.</exception>
    public static AttachTarget? Of(string? instance, string? host) => (instance, host) switch
    {
        (null, null) => null,
        (not null, not null) => throw CliFault.Usage("--instance and --host are two targets; give one of them"),
        (null, _) => new AttachTarget(Attachments.Host, host),
        _ => new AttachTarget(Attachments.Instance, InstanceWord.Uuid(instance)),
    };
}
