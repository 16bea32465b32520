using System.Text.Json.Nodes;

namespace Cyborg.TestServers;

/// <summary>Waits for what a service that has started still does by itself.</summary>
public static class Settling
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Ends when there are devices and all are enabled: an agent's first report has come before their drivers have installed them.</summary>
    /// <param name="service">Address of a service without Keystone.</param>
    public static async Task DevicesAreEnabledAsync(Uri service)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Add("OpenStack-API-Version", "accelerator 2.3");
        while (true)
        {
            var devices = JsonNode.Parse(await client.GetStringAsync(new Uri(service, "/v2/devices"), patience.Token))!["devices"]!.AsArray();
            if (devices.Count > 0 && devices.All(device => (string?)device!["status"] == "enabled"))
                return;
            await Task.Delay(Pause, patience.Token);
        }
    }
}
