using System.Net;
using System.Text;
using Cyborg.Hosting;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Api.Tests;

/// <summary>Who gets past the policies of each group of routes, with the new defaults alone and with the deprecated ones beside them.</summary>
public sealed class PolicyOutcomeTests
{
    private static readonly string[] Reads = ["GET /v2/device_profiles", "GET /v2/accelerator_requests", "GET /v2/device_profiles/U", "GET /v2/accelerator_requests/U"];
    private static readonly string[] ArqWrites = ["POST /v2/accelerator_requests", "PATCH /v2/accelerator_requests", "DELETE /v2/accelerator_requests?arqs=U"];
    private static readonly string[] HardwareReads =
    [
        "GET /v2/devices", "GET /v2/deployables", "GET /v2/attributes", "GET /v2/devices/U", "GET /v2/deployables/U", "GET /v2/attributes/U",
    ];

    private static readonly string[] AdminWrites =
    [
        "POST /v2/device_profiles", "DELETE /v2/device_profiles/U", "POST /v2/attributes", "DELETE /v2/attributes/U", "POST /v2/devices/U/enable",
        "POST /v2/devices/U/disable", "PATCH /v2/deployables/U/program",
    ];

    public static TheoryData<string, bool, string> Outcomes => new()
    {
        // Roles, new defaults alone, groups of routes that are allowed: reads, requests written, hardware read, administrator's writes.
        { "reader", true, "R" },
        { "member,reader", true, "RA" },
        { "manager,member,reader", true, "RAH" },
        { "admin,manager,member,reader", true, "RAHW" },
        { "admin", true, "RHW" },
        { "service", true, "A" },
        { "", true, "" },
        { "reader", false, "RAH" },
        { "member,reader", false, "RAH" },
        { "", false, "RAH" },
        { "service", false, "RAH" },
        { "admin", false, "RAHW" },
        { "ADMIN", false, "RAHW" },
    };

    [Theory]
    [MemberData(nameof(Outcomes))]
    public async Task Each_role_gets_past_its_groups_of_routes(string roles, bool enforceNewDefaults, string groups)
    {
        await using var service = await ScriptedService.StartAsync(NothingThere, config => config.With(PolicyOptions.EnforceNewDefaultsOption, enforceNewDefaults));
        foreach (var (letter, routes) in new[] { ('R', Reads), ('A', ArqWrites), ('H', HardwareReads), ('W', AdminWrites) })
        {
            foreach (var route in routes)
                Assert.Equal((route, groups.Contains(letter)), (route, await IsAllowedAsync(service, route, roles, "p1")));
        }
    }

    [Fact]
    public async Task An_operators_file_overrides_the_defaults()
    {
        var folder = Directory.CreateTempSubdirectory("cyborg-policy-").FullName;
        var file = Path.Combine(folder, "policy.yaml");
        await File.WriteAllTextAsync(file, "cyborg:device_profile:create: 'role:designer'\n", TestContext.Current.CancellationToken);
        await using (var service = await ScriptedService.StartAsync(NothingThere, config => config.With(PolicyOptions.FileOption, file)))
        {
            Assert.True(await IsAllowedAsync(service, "POST /v2/device_profiles", "designer", "p1"));
            Assert.False(await IsAllowedAsync(service, "POST /v2/device_profiles", "admin", "p1"));
        }
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_broken_policy_file_stops_the_start()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "a: [b", TestContext.Current.CancellationToken);
        var refused = await Assert.ThrowsAsync<ConfigException>(() => ScriptedService.StartAsync(NothingThere, config => config.With(PolicyOptions.FileOption, file)));
        Assert.Contains(file, refused.Message, StringComparison.Ordinal);
        File.Delete(file);
    }

    [Fact]
    public async Task A_caller_without_a_project_gets_past_nothing_that_asks_for_one()
    {
        await using var service = await ScriptedService.StartAsync(NothingThere);
        foreach (var route in Reads.Concat(ArqWrites).Concat(HardwareReads).Concat(AdminWrites))
            Assert.False(await IsAllowedAsync(service, route, "member,reader,manager", ""), route);
    }

    private static async Task<bool> IsAllowedAsync(ScriptedService service, string route, string roles, string project)
    {
        var words = route.Replace("U", Guid.NewGuid().ToString(), StringComparison.Ordinal).Split(' ');
        using var request = new HttpRequestMessage(new HttpMethod(route.Split(' ')[0]), words[^1]);
        request.Headers.TryAddWithoutValidation("X-Roles", roles);
        request.Headers.TryAddWithoutValidation("X-Project-Id", project);
        if (request.Method != HttpMethod.Get)
            request.Content = new StringContent("{", Encoding.UTF8, "application/json");
        using var answer = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.NotEqual(HttpStatusCode.InternalServerError, answer.StatusCode);
        return !body.Contains("Access was denied to the following resource", StringComparison.Ordinal);
    }

    private static void NothingThere(BusServer conductor)
    {
        conductor.Map(Verbs.ListDevices, (_, _, _) => Task.FromResult(new DeviceList([])));
        conductor.Map(Verbs.ListDeployables, (_, _, _) => Task.FromResult(new DeployableList([])));
        conductor.Map(Verbs.ListAttributes, (_, _, _) => Task.FromResult(new AttributeList([])));
        conductor.Map(Verbs.ListProfiles, (_, _, _) => Task.FromResult(new ProfileList([])));
        conductor.Map(Verbs.ListArqs, (_, _, _) => Task.FromResult(new ArqList([])));
        conductor.Map(Verbs.ShowArq, (_, _, _) => throw new FaultException(FaultCode.ArqNotFound, "gone"));
    }
}
