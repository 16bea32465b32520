using System.Net;
using System.Text.Json.Nodes;

namespace Cyborg.E2E.Tests;

/// <summary>Attaches and detaches by version 1, beside servers.</summary>
public abstract class Version1Test(FernetCloud cloud) : NovaTest(cloud)
{
    private readonly List<User> _attachers = [];

    /// <summary>The accelerator's uuid, the device's.</summary>
    private protected string Accelerator { get; private set; } = "";

    private protected string Name { get; private set; } = "";

    private protected User Manager => Cloud.As("demo_manager");

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var card = (await Admin.GetAsync(User.AcceleratorV1, "/accelerators", Stop))["accelerator"]![0]!;
        (Accelerator, Name) = ((string)card["uuid"]!, (string)card["name"]!);
        Assert.Equal(Provider, (string)card["resource_provider_uuid"]!);
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var user in _attachers) await user.AskAsync(User.AcceleratorV1, HttpMethod.Delete, $"/accelerators/{Accelerator}?host={Services.Compute}", null, default);
        await base.DisposeAsync();
    }

    /// <summary>Asks for an attachment, to the host or to a server.</summary>
    private protected Task<Answer> AttachAsync(User user, string? server = null)
    {
        if (!_attachers.Contains(user)) _attachers.Add(user);
        var target = server is null ? new JsonObject { ["type"] = "host" } : new JsonObject { ["type"] = "instance", ["id"] = server };
        return user.AskAsync(User.AcceleratorV1, HttpMethod.Put, $"/accelerators/{Accelerator}", new JsonObject { ["name"] = Name, ["target"] = target }, Stop);
    }

    /// <summary>Gives back what a user has attached to the host.</summary>
    private protected Task<Answer> DetachAsync(User user) =>
        user.AskAsync(User.AcceleratorV1, HttpMethod.Delete, $"/accelerators/{Accelerator}?host={Services.Compute}", null, Stop);

    /// <summary>The one attachment that an answer shows.</summary>
    private protected static JsonNode AttachmentIn(Answer answer) => Assert.Single(answer.Expect(HttpStatusCode.OK).Json["attach_info"]!.AsArray())!;

    /// <summary>What Placement has allocated of our provider: consumer and amount, as the command line shows it.</summary>
    private protected async Task<IReadOnlyDictionary<string, int>> AllocationsAsync()
    {
        var shown = await OpenStackClient.ShowAsync(Admin, Stop, "resource", "provider", "show", "--allocations", Provider);
        return shown["allocations"]!.AsObject().ToDictionary(entry => entry.Key, entry => (int)entry.Value!["resources"]!["FPGA"]!);
    }

    private protected async Task AssertNothingIsTakenAsync()
    {
        await Eventually.IsAsync("every handle is free", Soon, _ => TakenAsync(), taken => taken.Count == 0, Stop);
        Assert.Empty(await AllocationsAsync());
        await WaitForInventoryAsync(total: 2, reserved: 0);
        Assert.Equal(["0"], await Cloud.Services.AskDatabaseAsync("SELECT count(*) FROM accelerator_attachments", Stop));
    }
}
