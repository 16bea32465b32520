using Cyborg.Model;
using Cyborg.Storage.Rows;
using Cyborg.TestServers;
using LinqToDB.Metrics;

namespace Cyborg.Storage.Tests;

/// <summary>What a report of a host and its signs of life run is compiled once, whatever the host, and however much it reports.</summary>
public class ReportCompileTests
{
    private static readonly AsyncLocal<Count?> s_count = new();

    static ReportCompileTests() => ActivityService.AddFactory(id =>
    {
        if (id == ActivityID.GetQueryCreate && s_count.Value is { } count)
            Interlocked.Increment(ref count.Compiled);
        return null;
    });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public async Task What_a_report_runs_is_compiled_once(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        await RoundAsync(test.Database, "one", 2);
        await RoundAsync(test.Database, "two", 3);
        var compiled = await RoundAsync(test.Database, "three", 4);
        Assert.True(compiled.Count == 0, string.Join(", ", compiled));
    }

    /// <summary>A first report of a host, its signs of life, and the end of what it reported. What was compiled.</summary>
    private static async Task<List<string>> RoundAsync(CyborgDatabase database, string host, int devices)
    {
        var compiled = new List<string>();
        var lease = TimeSpan.FromSeconds(30);
        var agent = new HostRenewal(0, Guid.NewGuid(), Guid.NewGuid(), 1, 0);
        List<DeviceRow> rows = [.. Enumerable.Range(0, devices).Select(_ => Samples.Device(host))];
        Dictionary<Guid, int> keys = [];
        await database.TransactAsync(
            async session =>
            {
                await StepAsync("claim", () => RpcReplyStore.TryClaimAsync(session, Guid.NewGuid(), "verb"));
                var locked = await StepAsync("lock", () => HostStore.LockAsync(session, host, lease));
                await StepAsync("load", () => InventoryStore.LoadAsync(session, host));
                keys = await StepAsync("devices", () => InventoryStore.InsertDevicesAsync(session, rows));
                await StepAsync("accelerators", async () =>
                {
                    await AcceleratorInventory.InsertAsync(session, [.. rows.Select(row => Accelerator(row, keys[row.Uuid]))]);
                    return 0;
                });
                await StepAsync("events", async () =>
                {
                    await AcceleratorEventStore.InsertAsync(session, [.. rows.Select(row => row.Uuid)], AcceleratorEvents.Created, null);
                    return 0;
                });
                var paths = await StepAsync("paths", () => InventoryStore.InsertControlPathsAsync(session, [.. keys.Values.Select(Path)]));
                var deployables = await StepAsync("deployables", () => InventoryStore.InsertDeployablesAsync(session, [.. keys.Values.Select(Deployable)]));
                await StepAsync("updates", async () =>
                {
                    await InventoryStore.UpdateDevicesAsync(session, [.. rows.Select(row => new DeviceRow { Id = keys[row.Uuid], Vendor = "v", Model = "m", Type = DeviceType.GPU })]);
                    await InventoryStore.UpdateDeployablesAsync(session, [.. deployables.Values.Select(id => (id, 4, (string?)"fake"))]);
                    return await AcceleratorInventory.OrderedAsync(session, host);
                });
                await StepAsync("installs", () => DeviceStore.InstallJobsAsync(session, [host]));
                await StepAsync("reported", () => HostStore.ReportedAsync(session, agent with { Id = locked.Id }, "sum", restored: true, managesProviders: false));
                session.ProvidersChanged(host);
                return 0;
            },
            Cancellation);
        await database.TransactAsync(session => StepAsync("leases", () => HostStore.LockFreeAsync(session, [.. Enumerable.Range(0, devices).Select(n => $"{host}-{n}")], lease)), Cancellation);
        await database.TransactAsync(session => StepAsync("existing", () => HostStore.ExistingAsync(session, [.. Enumerable.Range(0, devices).Select(n => $"{host}-{n}")])), Cancellation);
        await database.TransactAsync(session => StepAsync("many installs", () => DeviceStore.InstallJobsAsync(session, [.. Enumerable.Range(0, devices).Select(n => $"{host}-{n}")])), Cancellation);
        foreach (var row in rows)
            await database.TransactAsync(session => StepAsync("installed", () => DeviceStore.ApplyAsync(session, row.Uuid, host, DeviceEvent.ProbeFailed, "ill")), Cancellation);
        return compiled;

        async Task<T> StepAsync<T>(string name, Func<Task<T>> step)
        {
            s_count.Value = new Count();
            var result = await step();
            if (s_count.Value.Compiled > 0)
                compiled.Add($"{name}: {s_count.Value.Compiled}");
            s_count.Value = null;
            return result;
        }
    }

    private static AcceleratorRow Accelerator(DeviceRow device, int key) => new()
    {
        Uuid = device.Uuid,
        Name = device.Uuid.ToString(),
        DeviceId = key,
        Host = device.Hostname,
        DeviceType = "FPGA",
        AccType = "fpga",
        AccCapability = "{}",
        Num = 1,
    };

    private static ControlPathRow Path(int device) => new() { Uuid = Guid.NewGuid(), DeviceId = device, CpidType = "PCI", CpidInfo = "{}" };

    private static DeployableRow Deployable(int device) => new() { Uuid = Guid.NewGuid(), Name = $"d-{device}", NumAccelerators = 1, DeviceId = device, RpUuid = Guid.NewGuid() };

    private sealed class Count
    {
        public int Compiled;
    }
}
