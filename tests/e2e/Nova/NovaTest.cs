using System.Net;
using System.Text.Json.Nodes;

namespace Cyborg.E2E.Tests;

/// <summary>A device profile, a flavor that asks for it, and what a test of Nova looks at: Nova, Placement, our API and our database.</summary>
[Collection(FernetCollection.Name)]
public abstract class NovaTest(FernetCloud cloud) : EndToEndTest(cloud)
{
    private protected static readonly TimeSpan Soon = TimeSpan.FromMinutes(3);

    private readonly List<Server> _servers = [];
    private Profile? _profile;
    private string? _flavor, _image;

    private protected User Admin => Cloud.Admin;
    private protected string Image => _image!;

    /// <summary>Our resource provider in Placement.</summary>
    private protected string Provider { get; private set; } = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _ = Cloud.Services;
        Provider = (string)(await Admin.GetAsync("accelerator", "/deployables", Stop))["deployables"]![0]!["rp_uuid"]!;
        _profile = await Profile.CreateAsync(Admin, Stop);
        _image = (string)(await Admin.GetAsync("image", "/v2/images", Stop))["images"]![0]!["id"]!;
        var body = new JsonObject { ["name"] = _profile.Name, ["ram"] = 64, ["vcpus"] = 1, ["disk"] = 1 };
        _flavor = (string)(await Admin.AskAsync("compute", HttpMethod.Post, "/flavors", new JsonObject { ["flavor"] = body }, Stop))
            .Expect(HttpStatusCode.OK).Json["flavor"]!["id"]!;
        var specs = new JsonObject { ["extra_specs"] = new JsonObject { ["accel:device_profile"] = _profile.Name } };
        (await Admin.AskAsync("compute", HttpMethod.Post, $"/flavors/{_flavor}/os-extra_specs", specs, Stop)).Expect(HttpStatusCode.OK);
        await WaitForInventoryAsync(total: 2, reserved: 0);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Cloud.PrepareAsync(Cards, CancellationToken.None);
        foreach (var server in _servers) await server.DisposeAsync();
        if (_flavor is not null) await Admin.AskAsync("compute", HttpMethod.Delete, $"/flavors/{_flavor}", null, CancellationToken.None);
        if (_profile is not null) await _profile.DisposeAsync();
    }

    /// <summary>Asks Nova for a server with an accelerator, as an ordinary member; it is deleted after the test.</summary>
    private protected async Task<Server> BootAsync()
    {
        var body = new JsonObject
        {
            ["server"] = new JsonObject { ["name"] = _profile!.Name, ["flavorRef"] = _flavor, ["imageRef"] = _image, ["networks"] = "none" },
        };
        var owner = Cloud.As("demo_member");
        var made = (await owner.AskAsync("compute", HttpMethod.Post, "/servers", body, Stop)).Expect(HttpStatusCode.Accepted).Json;
        var server = new Server(owner, (string)made["server"]!["id"]!);
        _servers.Add(server);
        return server;
    }

    /// <summary>The accelerator requests of a server, as the API shows them to an administrator.</summary>
    private protected async Task<IReadOnlyList<JsonNode>> RequestsOfAsync(Server server) =>
        [.. (await Admin.GetAsync("accelerator", $"/accelerator_requests?instance={server.Id}", Stop))["arqs"]!.AsArray().Select(arq => arq!)];

    /// <summary>Handles that a request has or had and that are not free again, with their states.</summary>
    private protected Task<IReadOnlyList<string>> TakenAsync() =>
        Cloud.Services.AskDatabaseAsync("SELECT state || ' ' || coalesce(arq_uuid::text, '') FROM attach_handles WHERE state <> 'Free' ORDER BY id", Stop);

    /// <summary>How much of our provider a server has in Placement.</summary>
    private protected async Task<int> AllocatedAsync(Server server)
    {
        var allocations = (await Admin.GetAsync("placement", $"/allocations/{server.Id}", Stop))["allocations"]!;
        return (int?)allocations[Provider]?["resources"]?["FPGA"] ?? 0;
    }

    /// <summary>What Placement has of our provider: the accelerators' record.</summary>
    private protected async Task<JsonNode?> InventoryAsync() =>
        (await Admin.AskAsync("placement", HttpMethod.Get, $"/resource_providers/{Provider}/inventories", null, Stop)) is { Status: HttpStatusCode.OK } answer
            ? answer.Json["inventories"]!["FPGA"]
            : null;

    private protected Task WaitForInventoryAsync(int total, int reserved) =>
        Eventually.IsAsync($"Placement has total {total}, reserved {reserved} of provider {Provider}", Soon, _ => InventoryAsync(),
            seen => seen is not null && (int)seen["total"]! == total && (int)seen["reserved"]! == reserved, Stop);

    /// <summary>A server that is ACTIVE has its one accelerator: bound, with a handle, in the database as in the API as in Placement.</summary>
    private protected async Task<JsonNode> AssertHasItsDeviceAsync(Server server)
    {
        var arq = Assert.Single(await RequestsOfAsync(server));
        Assert.Equal(("Bound", server.Id, Provider), ((string)arq["state"]!, (string)arq["instance_uuid"]!, (string)arq["device_rp_uuid"]!));
        Assert.Equal("TEST_PCI", (string)arq["attach_handle_type"]!);
        Assert.Equal(["domain", "bus", "device", "function"], arq["attach_handle_info"]!.AsObject().Select(field => field.Key));
        Assert.Contains($"Held {(string)arq["uuid"]!}", await TakenAsync());
        Assert.Equal(1, await AllocatedAsync(server));
        return arq;
    }

    /// <summary>A server that failed, or is gone, has nothing left.</summary>
    private protected async Task AssertHasNothingAsync(Server server)
    {
        Assert.Empty(await RequestsOfAsync(server));
        Assert.Equal(0, await AllocatedAsync(server));
        await Eventually.IsAsync("every handle is free", Soon, _ => TakenAsync(), taken => taken.Count == 0, Stop);
    }
}
