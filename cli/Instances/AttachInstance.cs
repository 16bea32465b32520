using System.CommandLine;
using System.Text.Json.Nodes;

namespace Cyborg.Cli;

/// <summary><c>cyborg attach-instance</c>: <c>POST /v1/instances/{id}/attach</c>.</summary>
internal sealed class AttachInstance : AcceleratorVerb
{
    private readonly Argument<string> _instance;
    private readonly Option<string?> _accelerator, _profile;

    public AttachInstance()
        : base(
            "attach-instance", "Attaches an accelerator to a server: the one that is named, one that a device profile fits, or the one that is free.",
            "Attaching to the server", waits: true)
    {
        _instance = Word("instance", "Uuid of the server.");
        _accelerator = Flag("--accelerator", "UUID|NAME", AcceleratorCalls.WordHelp);
        _profile = Flag("--device-profile", "NAME", "Name or uuid of the device profile.");
    }

    protected override async Task<Page> RunAsync(VerbCall call)
    {
        var server = InstanceWord.Uuid(call.Get(_instance));
        var (wanted, fitting) = (call.Get(_accelerator), call.Get(_profile));
        if (wanted is not null && fitting is not null)
            throw CliFault.Usage("--accelerator and --device-profile are two ways to choose; give one of them");
        var named = wanted is null ? null : AcceleratorCalls.Uuid(await AcceleratorCalls.FindAsync(call, wanted).ConfigureAwait(false));
        var body = new JsonObject();
        if (named is not null)
            body["accelerator"] = named;
        if (fitting is not null)
            body["device_profile"] = fitting;
        Task<Answer> AttachAsync() => call.Client.SendAsync(HttpMethod.Post, $"/v1/instances/{server}/attach", (JsonObject)body.DeepClone(), call.Stop);
        if (call.Wait is null)
            return await ShownAsync(call, await AttachAsync().ConfigureAwait(false), named).ConfigureAwait(false);
        var what = $"an accelerator is being attached to server {server}";
        if (named is not null)
            return await ShownAsync(call, await call.Wait.RepeatAsync(AttachAsync, what, call.Stop).ConfigureAwait(false), named).ConfigureAwait(false);
        var before = await AttachedAsync(call, server).ConfigureAwait(false);
        try
        {
            return await ShownAsync(call, await AttachAsync().ConfigureAwait(false), named).ConfigureAwait(false);
        }
        catch (CliFault fault) when (fault.Code == ExitCodes.GoesOn)
        {
            // Which was chosen is not known: to ask again could choose another.
            return Page.One(await call.Wait.UntilAsync(() => LookAsync(call, server, before), what, call.Stop).ConfigureAwait(false));
        }
    }

    private static async Task<Page> ShownAsync(VerbCall call, Answer answer, string? uuid) =>
        answer.Body is { } shown ? Page.One(shown) : uuid is null ? Page.Nothing : Page.One(await AcceleratorCalls.GetAsync(call, uuid).ConfigureAwait(false));

    private static async Task<IReadOnlySet<string>> AttachedAsync(VerbCall call, string server) =>
        (await OfServerAsync(call, server).ConfigureAwait(false)).Select(AcceleratorCalls.Uuid).ToHashSet();

    private static async Task<IReadOnlyList<JsonNode>> OfServerAsync(VerbCall call, string server) =>
        [.. (await AcceleratorCalls.ListAsync(call, [], null).ConfigureAwait(false)).Where(one => Attachments.Of(one, Attachments.Instance, server).Any())];

    private static async Task<JsonNode?> LookAsync(VerbCall call, string server, IReadOnlySet<string> before)
    {
        var now = await OfServerAsync(call, server).ConfigureAwait(false);
        var chosen = now.FirstOrDefault(one => !before.Contains(AcceleratorCalls.Uuid(one)))
            ?? throw CliFault.Failed($"nothing is attached to server {server}: it was refused and undone");
        return Attachments.Of(chosen, Attachments.Instance, server).All(entry => entry.State == Attachments.Attached) ? chosen : null;
    }
}
