using System.Net;
using System.Text.Json.Nodes;

namespace Cyborg.E2E.Tests;

/// <summary>Attachments of version 1 with a real Placement and a real Nova.</summary>
public sealed class AttachTests(FernetCloud cloud) : Version1Test(cloud)
{
    [Fact]
    public async Task An_attachment_to_the_host_is_an_allocation_that_its_detach_gives_back()
    {
        var attachment = AttachmentIn(await AttachAsync(Manager));
        Assert.Equal(("host", Services.Compute, "attached"), ((string)attachment["target_type"]!, (string)attachment["target"]!, (string)attachment["state"]!));
        var arq = (string)attachment["accelerator_request_uuid"]!;
        Assert.Equal(new Dictionary<string, int> { [arq] = 1 }, await AllocationsAsync());
        var allocation = (await Admin.AskAsync(
            "placement", HttpMethod.Get, $"/allocations/{arq}", null, Stop)).Expect(HttpStatusCode.OK).Json;
        Assert.Equal((string)(await Manager.TokenBodyAsync(Stop))["project"]!["id"]!, (string)allocation["project_id"]!);
        Assert.Equal([$"Held {arq}"], await TakenAsync());
        var shown = await Manager.GetAsync("accelerator", $"/accelerator_requests/{arq}", Stop);
        Assert.Equal(("Bound", null, Provider), ((string)shown["state"]!, (string?)shown["device_profile_name"], (string)shown["device_rp_uuid"]!));

        // Once more is the same.
        Assert.Equal((string)attachment["uuid"]!, (string)AttachmentIn(await AttachAsync(Manager))["uuid"]!);
        Assert.Single(await AllocationsAsync());

        (await DetachAsync(Manager)).Expect(HttpStatusCode.NoContent);
        await AssertNothingIsTakenAsync();
        (await DetachAsync(Manager)).Expect(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_Nova_that_cannot_attach_leaves_nothing_behind()
    {
        var server = await BootAsync();
        await server.WaitAsync(Stop, "ACTIVE");
        var own = await AssertHasItsDeviceAsync(server);

        var refused = (await AttachAsync(Manager, server.Id)).Expect(HttpStatusCode.Conflict);
        Assert.Contains("acc-attach", refused.Text, StringComparison.Ordinal);
        Assert.Equal(new Dictionary<string, int> { [server.Id] = 1 }, await AllocationsAsync());
        Assert.Equal([$"Held {(string)own["uuid"]!}"], await TakenAsync());
        Assert.Equal((string)own["uuid"]!, (string)Assert.Single(await RequestsOfAsync(server))["uuid"]!);

        // A server that nobody has, and no accelerator by name: the only one there is.
        (await AttachAsync(Manager, $"{Guid.NewGuid()}")).Expect(HttpStatusCode.Conflict);
        var command = new JsonObject();
        (await Manager.AskAsync(User.AcceleratorV1, HttpMethod.Post, $"/instances/{server.Id}/attach", command, Stop)).Expect(HttpStatusCode.Conflict);
        Assert.Equal([$"Held {(string)own["uuid"]!}"], await TakenAsync());
        await server.DeleteAsync(Stop);
        await AssertNothingIsTakenAsync();
    }

    [Fact]
    public async Task Another_projects_server_is_not_told_from_one_that_does_not_exist()
    {
        var server = await BootAsync();
        await server.WaitAsync(Stop, "ACTIVE");
        var nobody = Guid.NewGuid().ToString();
        // Its own project's is known: Nova is asked, and cannot do it.
        Assert.Contains("acc-attach", (await AttachAsync(Manager, server.Id)).Expect(HttpStatusCode.Conflict).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("acc-attach", (await AttachAsync(Manager, nobody)).Expect(HttpStatusCode.Conflict).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Servers_and_attachments_share_what_there_is()
    {
        var attachment = AttachmentIn(await AttachAsync(Manager));
        var server = await BootAsync();
        await server.WaitAsync(Stop, "ACTIVE");
        var arq = await AssertHasItsDeviceAsync(server);
        Assert.NotEqual(attachment["attach_handle_info"]!.ToJsonString(), arq["attach_handle_info"]!.ToJsonString());
        Assert.Equal("attached", (string)(await Admin.GetAsync(User.AcceleratorV1, $"/accelerators/{Accelerator}", Stop))["state"]!);

        // Nothing is left for either.
        Assert.Contains(Accelerator, (await AttachAsync(Admin)).Expect(HttpStatusCode.Conflict).Text, StringComparison.Ordinal);
        var third = await BootAsync();
        Assert.Contains("No valid host", $"{(await third.WaitAsync(Stop, "ERROR", "ACTIVE"))["fault"]}", StringComparison.Ordinal);
        Assert.Equal(new Dictionary<string, int> { [server.Id] = 1, [(string)attachment["accelerator_request_uuid"]!] = 1 }, await AllocationsAsync());

        // The whole is not detached while the server has something of it.
        (await Manager.AskAsync(User.AcceleratorV1, HttpMethod.Delete, $"/accelerators/{Accelerator}", null, Stop)).Expect(HttpStatusCode.Conflict);
        (await DetachAsync(Manager)).Expect(HttpStatusCode.NoContent);
        Assert.Equal(new Dictionary<string, int> { [server.Id] = 1 }, await AllocationsAsync());
        await server.DeleteAsync(Stop);
        await third.DeleteAsync(Stop);
        await AssertNothingIsTakenAsync();
    }

    [Fact]
    public async Task What_version_2_deletes_gives_its_claim_back()
    {
        var attachment = AttachmentIn(await AttachAsync(Manager));
        var arq = (string)attachment["accelerator_request_uuid"]!;
        (await Admin.AskAsync("accelerator", HttpMethod.Delete, $"/accelerator_requests?arqs={arq}", null, Stop,
            ("X-Service-Token", await Cloud.As("nova").TokenAsync(Stop)))).Expect(HttpStatusCode.NoContent);
        await Eventually.IsAsync("its claim is given back", Soon, _ => AllocationsAsync(), shown => shown.Count == 0, Stop);
        await AssertNothingIsTakenAsync();
    }

    [Fact]
    public async Task A_disabled_device_is_attached_to_nothing()
    {
        (await SetAsync("inactive")).Expect(HttpStatusCode.OK);
        try
        {
            (await AttachAsync(Manager)).Expect(HttpStatusCode.Conflict);
            Assert.Empty(await AllocationsAsync());
        }
        finally
        {
            (await SetAsync("ready")).Expect(HttpStatusCode.OK);
        }
        await WaitForInventoryAsync(total: 2, reserved: 0);
        AttachmentIn(await AttachAsync(Manager));
        (await DetachAsync(Manager)).Expect(HttpStatusCode.NoContent);
        await AssertNothingIsTakenAsync();
    }

    private Task<Answer> SetAsync(string state) =>
        Admin.AskAsync(User.AcceleratorV1, HttpMethod.Put, $"/accelerators/{Accelerator}", new JsonObject { ["state"] = state }, Stop);
}
