using System.Text.Json.Nodes;

namespace Cyborg.E2E.Tests;

/// <summary>Every <c>openstack accelerator</c> command, with the columns that its users' scripts know. Debian's client (python3-cyborgclient 2.0) and later
/// ones differ: later ones show a device's status and have the <c>device attribute</c> commands.</summary>
[Collection(FernetCollection.Name)]
public sealed class CommandTests(FernetCloud cloud) : EndToEndTest(cloud)
{
    private const string LongDevice = "created_at updated_at uuid type vendor model hostname std_board_info vendor_board_info";
    private const string Arq = "uuid state device_profile_name hostname device_rp_uuid instance_uuid attach_handle_type attach_handle_info";
    private const string ProfileShown = "created_at updated_at uuid name groups description";
    private const string Unknown = "is not an openstack command";

    private User User => Cloud.Admin;

    /// <summary>Commands that never reach the service: the client or the library below it is broken, or too old.</summary>
    public static TheoryData<string, string[]> Broken => new()
    {
        // Debian's client does not have them; later ones call what openstacksdk does not have.
        { "device enable", [Unknown, "has no attribute 'enable_device'"] },
        { "device disable", [Unknown, "has no attribute 'disable_device'"] },
    };

    [Fact]
    public async Task Devices_are_listed_and_shown()
    {
        var (list, @long) = await BothAsync("device list", "device list --long");
        Assert.Equal("uuid type vendor hostname std_board_info", Columns(list));
        AssertDevice(@long);
        var uuid = (string)list[0]!["uuid"]!;
        var shown = await ShowAsync($"device show {uuid}");
        AssertDevice(shown);
        Assert.Equal(uuid, (string)shown["uuid"]!);
    }

    [Fact]
    public async Task Deployables_are_listed_and_shown()
    {
        var (list, @long) = await BothAsync("deployable list", "deployable list --long");
        Assert.Equal("uuid name device_id", Columns(list));
        Assert.Equal("created_at updated_at uuid parent_id root_id name num_accelerators device_id", Columns(@long));
        var uuid = (string)list[0]!["uuid"]!;
        var shown = await ShowAsync($"deployable show {uuid}");
        Assert.Equal("created_at updated_at uuid name", Columns(shown));
        Assert.Equal(uuid, (string)shown["uuid"]!);
    }

    [Fact]
    public async Task Device_profiles_are_created_listed_shown_and_deleted()
    {
        var name = $"e2e-{Guid.NewGuid():N}";
        var made = await OpenStackClient.ShowAsync(
            User, Stop, "accelerator", "device", "profile", "create", name, Profile.Groups.ToJsonString(), "--description", "a description");
        Assert.Equal(ProfileShown, Columns(made));
        Assert.Equal((name, "a description"), ((string)made["name"]!, (string)made["description"]!));
        var uuid = (string)made["uuid"]!;
        try
        {
            var (list, @long) = await BothAsync("device profile list", "device profile list --long");
            Assert.Equal("uuid name groups description", Columns(list));
            Assert.Equal("uuid name groups description created_at updated_at", Columns(@long));
            Assert.Contains(list.AsArray(), row => (string)row!["uuid"]! == uuid);
            var (byUuid, byName) = await BothAsync($"device profile show {uuid}", $"device profile show {name}");
            Assert.Equal(ProfileShown, Columns(byUuid));
            Assert.Equal(uuid, (string)byName["uuid"]!);
        }
        finally
        {
            Assert.Contains(uuid, (await RunAsync($"device profile delete {uuid}")).Worked().Output, StringComparison.Ordinal);
        }
        Assert.NotEqual(0, (await RunAsync($"device profile show {uuid}")).Code);
    }

    [Fact]
    public async Task Accelerator_requests_are_created_listed_shown_and_deleted_and_bound_by_services_alone()
    {
        await using var profile = await Profile.CreateAsync(User, Stop);
        var made = await ShowAsync($"arq create {profile.Name}");
        Assert.Equal(Arq, Columns(made));
        Assert.Equal("Initial", (string)made["state"]!);
        var uuid = (string)made["uuid"]!;
        try
        {
            var (list, @long) = await BothAsync("arq list", "arq list --long");
            Assert.Equal("uuid state device_profile_name instance_uuid attach_handle_type attach_handle_info", Columns(list));
            Assert.Equal(Arq, Columns(@long));
            Assert.Equal(Arq, Columns(await ShowAsync($"arq show {uuid}")));
            var bind = RunAsync($"arq bind {uuid} {Services.Compute} {Guid.NewGuid()} {Guid.NewGuid()} {Guid.NewGuid():N}");
            var unbind = RunAsync($"arq unbind {uuid}");
            foreach (var refused in (Said[])[await bind, await unbind])
            {
                Assert.NotEqual(0, refused.Code);
                Assert.Contains("requires a service token", refused.Text, StringComparison.Ordinal);
            }
        }
        finally
        {
            (await RunAsync($"arq delete {uuid}")).Worked();
        }
        Assert.Contains("not found", (await RunAsync($"arq show {uuid}")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attributes_are_created_listed_shown_and_deleted_by_clients_that_can()
    {
        const string Columns1 = "uuid deployable_id key value", Columns2 = $"created_at updated_at {Columns1}";
        var deployable = (await User.GetAsync("accelerator", "/deployables", Stop))["deployables"]![0]!["uuid"]!;
        var probe = await RunAsync("device attribute list");
        if (probe.Text.Contains(Unknown, StringComparison.Ordinal)) Assert.Skip("this client is older than the commands");
        var made = await ShowAsync($"device attribute create {(string)deployable!} e2e {Guid.NewGuid():N}");
        Assert.Equal(Columns2, Columns(made));
        try
        {
            var (list, shown) = await BothAsync("device attribute list", $"device attribute show {(string)made["uuid"]!}");
            Assert.Equal((Columns1, Columns2), (Columns(list), Columns(shown)));
        }
        finally
        {
            (await RunAsync($"device attribute delete {(string)made["uuid"]!}")).Worked();
        }
    }

    /// <summary>Debian's openstacksdk programs; in later ones the same call calls itself until Python gives up.</summary>
    [Fact]
    public async Task A_deployable_is_programmed_with_an_image_by_clients_that_can()
    {
        _ = Cloud.Services;
        var deployable = (string)(await User.GetAsync("accelerator", "/deployables", Stop))["deployables"]![0]!["uuid"]!;
        var image = (string)(await User.GetAsync("image", "/v2/images", Stop))["images"]![0]!["id"]!;
        var said = await RunAsync($"deployable program {deployable} {image} -f json");
        if (said.Text.Contains("maximum recursion depth", StringComparison.Ordinal)) Assert.Skip("this client cannot");
        Assert.Equal("created_at updated_at uuid name", Columns(JsonNode.Parse(said.Worked().Output)!));
        Assert.Equal(image, (string?)(await User.GetAsync("accelerator", $"/deployables/{deployable}", Stop))["bitstream_id"]);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task Commands_that_the_client_cannot_do_still_fail_there(string command, string[] errors)
    {
        var device = (await User.GetAsync("accelerator", "/devices", Stop))["devices"]![0]!;
        var said = await RunAsync($"{command} {(string)device["uuid"]!}");
        Assert.NotEqual(0, said.Code);
        Assert.True(errors.Any(error => said.Text.Contains(error, StringComparison.Ordinal)), $"{said}");
    }

    private static void AssertDevice(JsonNode shown) => Assert.Contains(Columns(shown), (string[])[LongDevice, $"{LongDevice} status"]);

    private static string Columns(JsonNode shown) => OpenStackClient.Columns(shown);

    private Task<Said> RunAsync(string command) => OpenStackClient.RunAsync(User, Stop, ["--os-accelerator-api-version", "2.3", "accelerator", .. command.Split(' ')]);

    private Task<JsonNode> ShowAsync(string command) => OpenStackClient.ShowAsync(User, Stop, ["--os-accelerator-api-version", "2.3", "accelerator", .. command.Split(' ')]);

    private async Task<(JsonNode, JsonNode)> BothAsync(string one, string other)
    {
        var (first, second) = (ShowAsync(one), ShowAsync(other));
        return (await first, await second);
    }
}
