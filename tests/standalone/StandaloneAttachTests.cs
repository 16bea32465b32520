using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Cyborg.TestServers;

namespace Cyborg.Standalone.Tests;

/// <summary>Attaching by version 1 where there is no Placement, no Nova and no Keystone.</summary>
public sealed class StandaloneAttachTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_accelerator_is_attached_to_its_host_and_detached_without_any_other_service()
    {
        using var data = new TemporaryFolder();
        await using var cyborg = await StandaloneProcess.StartAsync(data.Path);
        using var client = Client(cyborg);
        var (uuid, name) = await CardAsync(cyborg, client);
        using (var attached = await client.PutAsJsonAsync($"v1/accelerators/{uuid}", new { name }, Stop))
        {
            var shown = await attached.Content.ReadFromJsonAsync<JsonElement>(Stop);
            Assert.Equal(HttpStatusCode.OK, attached.StatusCode);
            var info = Assert.Single(shown.GetProperty("attach_info").EnumerateArray());
            Assert.Equal(("host", "attached", shown.GetProperty("host").GetString()), (Text(info, "target_type"), Text(info, "state"), Text(info, "target")));
        }
        using var detached = await client.DeleteAsync($"v1/accelerators/{uuid}", Stop);
        Assert.Equal(HttpStatusCode.NoContent, detached.StatusCode);
        var end = await client.GetFromJsonAsync<JsonElement>($"v1/accelerators/{uuid}", Stop);
        Assert.Equal((0, "ready"), (end.GetProperty("attach_info").GetArrayLength(), Text(end, "state")));
    }

    [Fact]
    public async Task What_was_attached_is_attached_after_a_kill()
    {
        using var data = new TemporaryFolder();
        string uuid, info;
        await using (var first = await StandaloneProcess.StartAsync(data.Path))
        {
            using var client = Client(first);
            (uuid, var name) = await CardAsync(first, client);
            using var attached = await client.PutAsJsonAsync($"v1/accelerators/{uuid}", new { name }, Stop);
            info = (await attached.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("attach_info").GetRawText();
            await first.StopAsync("KILL");
        }
        await using var second = await StandaloneProcess.StartAsync(data.Path);
        using var again = Client(second);
        Assert.Equal(info, (await again.GetFromJsonAsync<JsonElement>($"v1/accelerators/{uuid}", Stop)).GetProperty("attach_info").GetRawText());
        using var detached = await again.DeleteAsync($"v1/accelerators/{uuid}", Stop);
        Assert.Equal(HttpStatusCode.NoContent, detached.StatusCode);
    }

    [Fact]
    public async Task A_service_without_a_compute_service_attaches_nothing_to_servers()
    {
        using var data = new TemporaryFolder();
        await using var cyborg = await StandaloneProcess.StartAsync(data.Path);
        using var client = Client(cyborg);
        var (uuid, name) = await CardAsync(cyborg, client);
        var server = Guid.NewGuid().ToString();
        using var put = await client.PutAsJsonAsync($"v1/accelerators/{uuid}", new { name, target = new { type = "instance", id = server } }, Stop);
        using var post = await client.PostAsJsonAsync($"v1/instances/{server}/attach", new { accelerator = uuid }, Stop);
        foreach (var answer in new[] { put, post })
        {
            Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
            Assert.Contains("[nova]", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }
        Assert.Equal(0, (await client.GetFromJsonAsync<JsonElement>($"v1/accelerators/{uuid}", Stop)).GetProperty("attach_info").GetArrayLength());
    }

    private static HttpClient Client(StandaloneProcess cyborg)
    {
        var client = new HttpClient { BaseAddress = cyborg.Address };
        client.DefaultRequestHeaders.Add("OpenStack-API-Version", "accelerator 1.1");
        return client;
    }

    private static async Task<(string Uuid, string Name)> CardAsync(StandaloneProcess cyborg, HttpClient client)
    {
        await Settling.DevicesAreEnabledAsync(cyborg.Address);
        var all = await client.GetFromJsonAsync<JsonElement>("v1/accelerators?driver=fake_driver", Stop);
        var card = all.GetProperty("accelerator")[0];
        return (Text(card, "uuid"), Text(card, "name"));
    }

    private static string Text(JsonElement shown, string field) => shown.GetProperty(field).GetString()!;
}
