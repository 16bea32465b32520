using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.TestServers;
using LinqToDB.Data;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Conductor.Tests;

public sealed class DeviceTests
{
    [Theory, EachDatabase]
    public async Task A_device_is_ready_when_its_own_host_says_that_it_is_installed(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var job = Assert.Single((await conductor.ReportAsync(TestConductor.Card("card", 1))).Install);

        await conductor.CallAsync(Verbs.ReportInstall, new ReportInstall(job.DeviceUuid, null), host: "stranger");
        Assert.Equal(DeviceState.Installing, (await ShowAsync(conductor, job.DeviceUuid)).State);

        await conductor.CallAsync(Verbs.ReportInstall, new ReportInstall(job.DeviceUuid, null), host: TestConductor.Host);
        Assert.Equal(DeviceState.Ready, (await ShowAsync(conductor, job.DeviceUuid)).State);
        Assert.Empty((await conductor.ReportAsync(TestConductor.Card("card", 1))).Install);
    }

    [Theory, EachDatabase]
    public async Task A_failed_install_shows_its_reason_and_takes_no_bind(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var job = Assert.Single((await conductor.ReportAsync(TestConductor.Card("card", 1))).Install);
        await conductor.CallAsync(Verbs.ReportInstall, new ReportInstall(job.DeviceUuid, "no power"), host: TestConductor.Host);
        var device = await ShowAsync(conductor, job.DeviceUuid);
        Assert.Equal((DeviceState.Error, "no power"), (device.State, device.StateReason));
        Assert.Equal(FaultCode.DeviceUnusable, await conductor.FaultAsync(Verbs.BindArqs, TestConductor.Binding(await conductor.CreateAsync(), "card")));
    }

    [Theory, EachDatabase]
    public async Task A_disabled_device_stays_so_through_reports_and_late_words(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var job = Assert.Single((await conductor.ReportAsync(TestConductor.Card("card", 1))).Install);
        await conductor.CallAsync(Verbs.DisableDevice, new ById(job.DeviceUuid));
        await conductor.CallAsync(Verbs.ReportInstall, new ReportInstall(job.DeviceUuid, null), host: TestConductor.Host);
        Assert.Empty((await conductor.ReportAsync(TestConductor.Card("card", 1))).Install);
        Assert.Equal(DeviceState.Inactive, (await ShowAsync(conductor, job.DeviceUuid)).State);
        await conductor.BindAsync(await conductor.CreateAsync(), "card");
    }

    [Theory, EachDatabase]
    public async Task Enable_without_an_agent_leaves_the_job_to_its_next_report(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var job = Assert.Single((await conductor.ReportAsync(TestConductor.Card("card", 1))).Install);
        await conductor.CallAsync(Verbs.DisableDevice, new ById(job.DeviceUuid));
        await conductor.CallAsync(Verbs.EnableDevice, new ById(job.DeviceUuid));
        Assert.Equal(DeviceState.Installing, (await ShowAsync(conductor, job.DeviceUuid)).State);
        Assert.Equal(job, Assert.Single((await conductor.ReportAsync(TestConductor.Card("card", 1))).Install));
    }

    [Theory, EachDatabase]
    public async Task Enable_has_the_agent_install_at_once(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var job = Assert.Single((await conductor.ReportAsync(TestConductor.Card("card", 1))).Install);
        await using var agent = new BusServer(conductor.Bus.Connect(), TestConductor.Patient, NullLoggerFactory.Instance, TimeProvider.System);
        var answers = new Queue<string?>(["bad cable", null]);
        agent.Map(Verbs.InstallDevice, (request, _, _) => Task.FromResult(new InstallResult(request == job ? answers.Dequeue() : "not asked for")), TestConductor.Host);
        await agent.StartAsync(TestContext.Current.CancellationToken);

        await conductor.CallAsync(Verbs.DisableDevice, new ById(job.DeviceUuid));
        await conductor.CallAsync(Verbs.EnableDevice, new ById(job.DeviceUuid));
        Assert.Equal((DeviceState.Error, "bad cable"), await StateAsync(conductor, job.DeviceUuid));

        await conductor.CallAsync(Verbs.EnableDevice, new ById(job.DeviceUuid));
        Assert.Equal((DeviceState.Ready, null), await StateAsync(conductor, job.DeviceUuid));

        await conductor.CallAsync(Verbs.EnableDevice, new ById(job.DeviceUuid));
        Assert.Empty(answers);
    }

    [Fact]
    public async Task A_conductor_does_not_serve_on_a_schema_that_is_to_be_upgraded_first()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(DatabaseKind.Postgres, cancellation: TestContext.Current.CancellationToken);
        await using var room = ConductorRoom.Build(
            database.OpenAgain(), new InProcessBus().Connect(), TestConductor.Patient, TestConductor.NoNova, NullLoggerFactory.Instance, TimeProvider.System);
        var refused = await Assert.ThrowsAsync<FaultException>(() => room.StartAsync(TestContext.Current.CancellationToken));
        Assert.Equal(FaultCode.Unavailable, refused.Code);
        Assert.Contains("cyborg-dbsync upgrade", refused.Message, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task A_conductor_does_not_start_on_a_schema_that_is_newer_than_itself(DatabaseKind kind)
    {
        var stop = TestContext.Current.CancellationToken;
        await using var database = await TestDatabase.CreateAsync(kind, cancellation: stop);
        await database.Database.TransactAsync(session => session.ExecuteAsync("INSERT INTO schema_version (version) VALUES (999999)", stop), stop);
        await using var room = ConductorRoom.Build(
            database.OpenAgain(), new InProcessBus().Connect(), TestConductor.Patient, TestConductor.NoNova, NullLoggerFactory.Instance, TimeProvider.System);
        var refused = await Assert.ThrowsAsync<Hosting.ConfigException>(() => room.StartAsync(stop));
        Assert.Contains("999999", refused.Message, StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task What_does_not_exist_is_not_found(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var none = new ById(Guid.NewGuid());
        Assert.Equal(FaultCode.DeviceNotFound, await conductor.FaultAsync(Verbs.ShowDevice, none));
        Assert.Equal(FaultCode.DeviceNotFound, await conductor.FaultAsync(Verbs.EnableDevice, none));
        Assert.Equal(FaultCode.DeviceNotFound, await conductor.FaultAsync(Verbs.DisableDevice, none));
        Assert.Equal(FaultCode.DeployableNotFound, await conductor.FaultAsync(Verbs.ShowDeployable, none));
        Assert.Equal(FaultCode.DeployableNotFound, await conductor.FaultAsync(Verbs.ProgramDeployable, new ProgramDeployable(none.Uuid, none.Uuid)));
        Assert.Equal(FaultCode.AttributeNotFound, await conductor.FaultAsync(Verbs.ShowAttribute, none));
        Assert.Equal(FaultCode.AttributeNotFound, await conductor.FaultAsync(Verbs.DeleteAttribute, none));
        Assert.Equal(FaultCode.DeployableNotFound, await conductor.FaultAsync(Verbs.CreateAttribute, new CreateAttribute(4711, null, "k", "v")));
        Assert.Equal(FaultCode.DeployableNotFound, await conductor.FaultAsync(Verbs.CreateAttribute, new CreateAttribute(null, none.Uuid, "k", "v")));
    }

    [Theory, EachDatabase]
    public async Task Devices_are_filtered_sorted_and_cut(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await conductor.ReportAsync("h1", new DriverDiscovery("x", [TestConductor.Card("a", 1) with { Vendor = "v2" }, TestConductor.Card("b", 1) with { Vendor = "v1" }]));
        await conductor.ReportAsync("h2", new DriverDiscovery("x", [TestConductor.Card("c", 1) with { Vendor = "v1", Type = DeviceType.GPU }]));

        async Task<string> ListAsync(ListDevices request) =>
            string.Join(' ', (await conductor.CallAsync(Verbs.ListDevices, request)).Devices.Select(device => $"{device.Hostname}/{device.Vendor}/{device.Type}"));

        Assert.Equal("h1/v2/FPGA h1/v1/FPGA h2/v1/GPU", await ListAsync(new(null, null, null, null)));
        Assert.Equal("h2/v1/GPU h1/v1/FPGA", await ListAsync(new(null, "v1", null, null)));
        Assert.Equal("h1/v1/FPGA", await ListAsync(new("FPGA", "v1", "h1", null)));
        Assert.Equal("", await ListAsync(new("fpga", null, null, null)));
        Assert.Equal("", await ListAsync(new("1", null, null, null)));
        Assert.Equal("h1/v1/FPGA h2/v1/GPU", await ListAsync(new(null, null, null, new(2, "vendor", false))));
        Assert.Equal("h1/v2/FPGA", await ListAsync(new(null, null, null, new(1, "vendor", true))));
        Assert.Equal(FaultCode.InvalidInput, await conductor.FaultAsync(Verbs.ListDevices, new ListDevices(null, null, null, new(null, "state_reason; DROP", false))));
    }

    [Theory, EachDatabase]
    public async Task A_list_costs_the_same_statements_whatever_its_length(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind, quiet: true);
        await conductor.ReportAsync([.. Enumerable.Range(0, 30).Select(n => TestConductor.Card($"card-{n}", 4))]);
        var arqs = await conductor.CreateAsync(20);
        await conductor.BindAsync(arqs.Take(4), "card-0");

        async Task<int> CountAsync(Func<Task> call)
        {
            using var count = StatementCount.Start(conductor.Database);
            await call();
            return count.Statements;
        }

        // The first list after a change loads the cache.
        await conductor.CallAsync(Verbs.ListDevices, new ListDevices(null, null, null, null));
        await conductor.CallAsync(Verbs.ListProfiles, new ListProfiles(null));
        Assert.Equal(1, await CountAsync(() => conductor.CallAsync(Verbs.ListDevices, new ListDevices(null, null, null, null))));
        Assert.Equal(1, await CountAsync(() => conductor.CallAsync(Verbs.ListDeployables, new ListDeployables(null, null))));
        Assert.Equal(1, await CountAsync(() => conductor.CallAsync(Verbs.ListDeployables, new ListDeployables(null, new(7, "name", true)))));
        Assert.Equal(1, await CountAsync(() => conductor.CallAsync(Verbs.ListAttributes, new ListAttributes(null, null))));
        Assert.Equal(1, await CountAsync(() => conductor.CallAsync(Verbs.ListProfiles, new ListProfiles(null))));
        Assert.Equal(1, await CountAsync(() => conductor.CallAsync(Verbs.ListArqs, new ListArqs(TestConductor.Scope("p1"), null))));

        var one = await CountAsync(() => conductor.BindAsync([arqs[4]], "card-1"));
        Assert.Equal(one, await CountAsync(() => conductor.BindAsync(arqs.Skip(5).Take(4), "card-2")));
        one = await CountAsync(() => conductor.CallAsync(Verbs.UnbindArqs, new UnbindArqs(TestConductor.Scope("p1"), [arqs[4]])));
        Assert.Equal(one, await CountAsync(() => conductor.CallAsync(Verbs.UnbindArqs, new UnbindArqs(TestConductor.Scope("p1"), [.. arqs.Skip(5).Take(4)]))));
        one = await CountAsync(() => conductor.CreateAsync());
        Assert.Equal(one, await CountAsync(() => conductor.CreateAsync(100)));
        one = await CountAsync(() => conductor.CallAsync(Verbs.DeleteArqs, new DeleteArqs(TestConductor.Scope("p1"), [arqs[0]], true)));
        Assert.Equal(one, await CountAsync(() => conductor.CallAsync(Verbs.DeleteArqs, new DeleteArqs(TestConductor.Scope("p1"), [.. arqs.Skip(1)], true))));
    }

    private static Task<Device> ShowAsync(TestConductor conductor, Guid uuid) => conductor.CallAsync(Verbs.ShowDevice, new ById(uuid));

    private static async Task<(DeviceState, string?)> StateAsync(TestConductor conductor, Guid uuid)
    {
        var device = await ShowAsync(conductor, uuid);
        return (device.State, device.StateReason);
    }
}
