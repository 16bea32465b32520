using System.Net;
using System.Text.Json.Nodes;

namespace Cyborg.E2E.Tests;

/// <summary>A device profile of one test's own: one accelerator of the fake driver.</summary>
internal sealed class Profile : IAsyncDisposable
{
    private readonly User _admin;

    private Profile(User admin, string name, string uuid) => (_admin, Name, Uuid) = (admin, name, uuid);

    public string Name { get; }
    public string Uuid { get; }

    /// <summary>The groups of such a profile.</summary>
    public static JsonArray Groups => [new JsonObject { ["resources:FPGA"] = "1", ["trait:CUSTOM_FAKE_DEVICE"] = "required" }];

    public static async Task<Profile> CreateAsync(User admin, CancellationToken stop)
    {
        var name = $"e2e-{Guid.NewGuid():N}";
        var body = new JsonArray(new JsonObject { ["name"] = name, ["groups"] = Groups });
        var made = (await admin.AskAsync("accelerator", HttpMethod.Post, "/device_profiles", body, stop)).Expect(HttpStatusCode.Created).Json;
        return new Profile(admin, name, (string)made["uuid"]!);
    }

    /// <summary>Makes an accelerator request of somebody's.</summary>
    public async Task<string> RequestAsync(User user, CancellationToken stop)
    {
        var body = new JsonObject { ["device_profile_name"] = Name };
        var made = (await user.AskAsync("accelerator", HttpMethod.Post, "/accelerator_requests", body, stop)).Expect(HttpStatusCode.Created).Json;
        return (string)made["arqs"]![0]!["uuid"]!;
    }

    /// <summary>Deletes it; one that a failed test has left in use stays, so that the failure itself is seen.</summary>
    public async ValueTask DisposeAsync() =>
        (await _admin.AskAsync("accelerator", HttpMethod.Delete, $"/device_profiles/{Uuid}", null, CancellationToken.None))
            .Expect(HttpStatusCode.NoContent, HttpStatusCode.Conflict);
}
