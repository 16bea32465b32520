using System.Text.Json.Nodes;

namespace Cyborg.E2E.Tests;

/// <summary>What Placement has of us.</summary>
public sealed class ProviderTests(FernetCloud cloud) : NovaTest(cloud)
{
    [Fact]
    public async Task A_device_is_a_provider_below_its_compute_node_with_its_inventory_and_traits()
    {
        var root = (string)(await Admin.GetAsync("placement", $"/resource_providers?name={Services.Compute}", Stop))["resource_providers"]![0]!["uuid"]!;
        var tree = (await Admin.GetAsync("placement", $"/resource_providers?in_tree={root}", Stop))["resource_providers"]!.AsArray();
        var ours = Assert.Single(tree, provider => (string)provider!["uuid"]! == Provider)!;
        Assert.Equal(($"{Services.Compute}_FakeDevice", root, root),
            ((string)ours["name"]!, (string)ours["parent_provider_uuid"]!, (string)ours["root_provider_uuid"]!));
        Assert.Equal([Provider], await Cloud.Services.AskDatabaseAsync("SELECT rp_uuid::text FROM deployables", Stop));

        var (inventories, traits) = (Cli("inventory", "list"), Cli("trait", "list"));
        var record = Assert.Single((await inventories).AsArray())!;
        Assert.Equal(
            """{"resource_class":"FPGA","allocation_ratio":1.0,"min_unit":1,"max_unit":2,"reserved":0,"step_size":1,"total":2,"used":0}""",
            Reordered(record, "resource_class", "allocation_ratio", "min_unit", "max_unit", "reserved", "step_size", "total", "used"));
        Assert.Contains((await traits).AsArray(), trait => (string)trait!["name"]! == "CUSTOM_FAKE_DEVICE");
    }

    private Task<JsonNode> Cli(params string[] verb) => OpenStackClient.ShowAsync(Admin, Stop, ["resource", "provider", .. verb, Provider]);

    private static string Reordered(JsonNode node, params string[] fields) =>
        new JsonObject(fields.Select(field => KeyValuePair.Create(field, node[field]?.DeepClone()))).ToJsonString();
}
