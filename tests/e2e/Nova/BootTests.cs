using System.Net;
using System.Text.Json.Nodes;

namespace Cyborg.E2E.Tests;

/// <summary>What Cyborg is for: servers with accelerators.</summary>
public sealed class BootTests(FernetCloud cloud) : NovaTest(cloud)
{
    private const string Profiles = "/v2/device_profiles", Arqs = "/v2/accelerator_requests";

    [Fact]
    public async Task A_server_boots_with_an_accelerator_and_its_end_frees_the_handle()
    {
        var server = await BootAsync();
        await server.WaitAsync(Stop, "ACTIVE");
        var arq = await AssertHasItsDeviceAsync(server);
        Assert.Equal(Services.Compute, (string)arq["hostname"]!);
        // The owner sees it, too.
        var own = await Cloud.As("demo_member").GetAsync("accelerator", $"/accelerator_requests/{(string)arq["uuid"]!}", Stop);
        Assert.Equal("Bound", (string)own["state"]!);
        Assert.Equal([(1, server.Id)], await UsedAsync());

        await server.DeleteAsync(Stop);
        await AssertHasNothingAsync(server);
        Assert.Empty(await UsedAsync());
    }

    [Fact]
    public async Task Two_servers_get_different_handles_and_a_third_finds_no_host()
    {
        var (one, two) = (await BootAsync(), await BootAsync());
        await one.WaitAsync(Stop, "ACTIVE");
        await two.WaitAsync(Stop, "ACTIVE");
        var (first, second) = (await AssertHasItsDeviceAsync(one), await AssertHasItsDeviceAsync(two));
        Assert.NotEqual(first["attach_handle_info"]!.ToJsonString(), second["attach_handle_info"]!.ToJsonString());
        Assert.Equal([(1, one.Id), (1, two.Id)], (await UsedAsync()).OrderBy(used => used.Server == two.Id));

        var three = await BootAsync();
        var failed = await three.WaitAsync(Stop, "ERROR", "ACTIVE");
        Assert.Equal("ERROR", (string)failed["status"]!);
        Assert.Contains("No valid host", failed["fault"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Empty(await RequestsOfAsync(three));

        // What one gives back, the next one gets.
        await one.DeleteAsync(Stop);
        await three.DeleteAsync(Stop);
        await Eventually.IsAsync("one handle is free", Soon, _ => TakenAsync(), taken => taken.Count == 1, Stop);
        var four = await BootAsync();
        await four.WaitAsync(Stop, "ACTIVE");
        await AssertHasItsDeviceAsync(four);
    }

    [Fact]
    public async Task A_disabled_device_takes_no_server()
    {
        var device = (string)(await Admin.GetAsync("accelerator", "/devices", Stop))["devices"]![0]!["uuid"]!;
        await SwitchAsync(device, "disable");
        try
        {
            await WaitForInventoryAsync(total: 2, reserved: 2);
            var shown = await OpenStackClient.ShowAsync(Admin, Stop, "resource", "provider", "inventory", "list", Provider);
            Assert.Equal((2, 2), ((int)shown[0]!["total"]!, (int)shown[0]!["reserved"]!));
            Assert.Equal(["Inactive"], await Cloud.Services.AskDatabaseAsync("SELECT state FROM devices", Stop));
            var server = await BootAsync();
            var failed = await server.WaitAsync(Stop, "ERROR", "ACTIVE");
            Assert.Contains("No valid host", $"{failed["fault"]?.ToJsonString()}", StringComparison.Ordinal);
            await AssertHasNothingAsync(server);
        }
        finally
        {
            await SwitchAsync(device, "enable");
        }
        await WaitForInventoryAsync(total: 2, reserved: 0);
        var again = await BootAsync();
        await again.WaitAsync(Stop, "ACTIVE");
        await AssertHasItsDeviceAsync(again);
    }

    /// <summary>Step by step what Nova 26 is known to ask of an accelerator service; our tests ask nothing meanwhile.</summary>
    [Fact]
    public async Task Create_stop_start_rebuild_shelve_unshelve_and_delete_ask_what_Nova_is_known_to_ask()
    {
        string[] binds = [$"GET {Profiles}", $"POST {Arqs}", $"PATCH {Arqs}", $"GET {Arqs}"];
        Server? server = null;
        await AsksAsync("create", binds, async () => await (server = await BootAsync()).WaitAsync(Stop, "ACTIVE"));
        var first = (string)(await AssertHasItsDeviceAsync(server!))["uuid"]!;
        Assert.Equal([(1, server!.Id)], await UsedAsync());

        await AsksAsync("stop", [], () => ActAsync(server, "os-stop", null, "SHUTOFF"));
        await AsksAsync("start", [$"GET {Arqs}"], () => ActAsync(server, "os-start", null, "ACTIVE"));
        await AsksAsync("rebuild", [$"GET {Arqs}", $"GET {Arqs}"], () => ActAsync(server, "rebuild", new JsonObject { ["imageRef"] = Image }, "ACTIVE"));
        Assert.Equal(first, (string)(await AssertHasItsDeviceAsync(server))["uuid"]!);

        await AsksAsync("shelve", [$"GET {Arqs}", $"DELETE {Arqs}"], () => ActAsync(server, "shelve", null, "SHELVED_OFFLOADED"));
        await AssertHasNothingAsync(server);
        Assert.Empty(await UsedAsync());

        await AsksAsync("unshelve", binds, () => ActAsync(server, "unshelve", null, "ACTIVE"));
        Assert.NotEqual(first, (string)(await AssertHasItsDeviceAsync(server))["uuid"]!);
        Assert.Equal([(1, server.Id)], await UsedAsync());

        await AsksAsync("delete", [$"DELETE {Arqs}"], () => server.DeleteAsync(Stop));
        await AssertHasNothingAsync(server);
    }

    private async Task AsksAsync(string what, string[] wanted, Func<Task> act)
    {
        var mark = Cloud.Services.Mark();
        await act();
        await Eventually.IsAsync($"{what} asks {string.Join(", ", wanted)}", Soon, _ => Task.FromResult(Cloud.Services.RequestsSince(mark, Cloud.Rest.HasAsked)),
            seen => seen.SequenceEqual(wanted), Stop);
    }

    private static async Task ActAsync(Server server, string action, JsonNode? argument, string state)
    {
        await server.ActAsync(action, argument, Stop);
        await server.WaitAsync(Stop, state);
    }

    private async Task SwitchAsync(string device, string action) =>
        (await Admin.AskAsync("accelerator", HttpMethod.Post, $"/devices/{device}/{action}", null, Stop)).Expect(HttpStatusCode.NoContent);

    /// <summary>What the command line shows of our provider: accelerators and the server that has them.</summary>
    private async Task<IReadOnlyList<(int Accelerators, string Server)>> UsedAsync()
    {
        var shown = await OpenStackClient.ShowAsync(Admin, Stop, "resource", "provider", "show", "--allocations", Provider);
        return [.. shown["allocations"]!.AsObject().Select(entry => ((int)entry.Value!["resources"]!["FPGA"]!, entry.Key))];
    }
}
