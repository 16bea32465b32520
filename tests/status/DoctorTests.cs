using System.Text.Json;
using Cyborg.TestServers;

namespace Cyborg.Status.Tests;

/// <summary>The doctor of each real program, with real servers where there are some.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly Deployment _deployment = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _deployment.Dispose();

    [Fact]
    public async Task In_a_deployment_that_works_all_is_well()
    {
        await using var keystone = WireMockKeystone.Start();
        await using var placement = WireMockPlacement.Start();
        keystone.AddService("placement", placement.Url);
        keystone.AddService("compute", placement.Url);
        placement.State.AddHost("compute-1");
        await using var nats = await NatsServer.RequireAsync(cancellation: Stop);
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, cancellation: Stop);
        _deployment.Write($"""
            [DEFAULT]
            host = compute-1
            transport_url = nats://{nats.Address}
            state_path = {_deployment.Folder}
            [database]
            connection = {database.Url}
            {keystone.Section()}
            {keystone.Section("placement")}
            {keystone.Section("nova")}
            """);
        await using var conductor = await _deployment.StartAsync("cyborg-conductor");
        await _deployment.LogSaysAsync("cyborg-conductor", "cyborg-conductor runs");

        var pages = new Dictionary<string, string[]>
        {
            ["cyborg-api"] = ["configuration", "bus", "conductor", "Keystone", "clock (Keystone)", "policy"],
            ["cyborg-conductor"] = ["configuration", "bus", "database", "clock (database)", "hosts", "Keystone", "clock (Keystone)", "Nova", "Placement"],
            ["cyborg-agent"] =
                ["configuration", "bus", "host name", "state folder", "Keystone", "clock (Keystone)", "Placement", "Glance", "IOMMU and sysfs", "driver fake_driver"],
        };
        foreach (var (program, names) in pages)
        {
            var page = await PageAsync(program, 0);
            Assert.Equal(names, page.Keys);
            Assert.All(page.Values, line => Assert.True(line.Verdict is "ok" or "skipped", line.ToString()));
        }
        var text = await _deployment.RunAsync("cyborg-agent", "doctor", "--timeout", "50");
        Assert.Equal(0, text.Code);
        Assert.StartsWith("cyborg-agent on compute-1, 20", text.Output, StringComparison.Ordinal);
        Assert.Contains("\nok    driver fake_driver", text.Output, StringComparison.Ordinal);
        Assert.EndsWith("checks: 8 ok, 0 to look at, 0 failed, 2 not asked\n", text.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(keystone.Password, text.Output, StringComparison.Ordinal);
        Assert.Equal(0, await conductor.SignalAsync("TERM"));
    }

    [Fact]
    public async Task What_is_away_is_told_with_its_remedy()
    {
        await using var keystone = WireMockKeystone.Start();
        keystone.Logins = KeystoneTrouble.Answers(401);
        // Nobody listens on this port: it was a server's, and is free.
        await using var nats = await NatsServer.RequireAsync(cancellation: Stop);
        var address = nats.Address;
        await nats.StopAsync();
        _deployment.Write($"""
            [DEFAULT]
            transport_url = nats://cyborg:bus-secret@{address}
            state_path = {_deployment.Folder}
            [database]
            connection = postgresql://cyborg:db-secret@127.0.0.1:1/cyborg
            [agent]
            enabled_drivers = fake_driver
            [fake]
            fail = discover
            {keystone.Section()}
            {keystone.Section("placement")}
            """);

        var api = await PageAsync("cyborg-api", 2);
        Assert.Equal("failure", api["bus"].Verdict);
        Assert.Contains("transport_url", api["bus"].Remedy, StringComparison.Ordinal);
        Assert.Equal("skipped", api["conductor"].Verdict);
        Assert.Equal("failure", api["Keystone"].Verdict);
        Assert.Contains("[keystone_authtoken]", api["Keystone"].Remedy, StringComparison.Ordinal);

        var conductor = await PageAsync("cyborg-conductor", 2);
        Assert.Equal("failure", conductor["database"].Verdict);
        Assert.Contains("PostgreSQL", conductor["database"].Remedy, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("warning", conductor["Nova"].Verdict);

        var agent = await PageAsync("cyborg-agent", 2);
        Assert.Equal("failure", agent["driver fake_driver"].Verdict);
        Assert.Equal("failure", agent["Placement"].Verdict);
    }

    [Fact]
    public async Task A_user_without_rights_and_a_bus_without_conductors_are_told_apart()
    {
        const string Users = """
            authorization { users: [
              { user: api, password: pw, permissions: { publish: ["cyborg.conductor.>"], subscribe: ["_INBOX_api.>"] } }
              { user: wrong, password: pw, permissions: { publish: ["other.>"], subscribe: ["_INBOX_api.>"] } }
            ] }
            """;
        await using var nats = await NatsServer.RequireAsync(Users, cancellation: Stop);
        Write("api");
        var right = await PageAsync("cyborg-api", 2);
        Assert.Equal(("ok", "failure"), (right["bus"].Verdict, right["conductor"].Verdict));
        Assert.Contains("Start cyborg-conductor", right["conductor"].Remedy, StringComparison.Ordinal);
        Assert.Equal("skipped", right["Keystone"].Verdict);
        Write("wrong");
        var wrong = await PageAsync("cyborg-api", 2);
        Assert.Equal("failure", wrong["bus"].Verdict);
        Assert.Contains("rights", wrong["bus"].Remedy, StringComparison.Ordinal);

        void Write(string user) => _deployment.Write($"[DEFAULT]\ntransport_url = nats://{user}:pw@{nats.Address}\n[api]\nauth_strategy = noauth\n");
    }

    [Fact]
    public async Task A_second_agent_of_one_name_is_shown_who_holds_it()
    {
        await using var nats = await NatsServer.RequireAsync(cancellation: Stop);
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, cancellation: Stop);
        Write("one");
        await using var conductor = await _deployment.StartAsync("cyborg-conductor");
        await using var agent = await _deployment.StartAsync("cyborg-agent");
        await _deployment.LogSaysAsync("cyborg-agent", "accepted");
        var own = await PageAsync("cyborg-agent", 1);
        Assert.Equal("ok", own["host name"].Verdict);
        Assert.Contains("compute-1 is free, or this agent's", own["host name"].Text, StringComparison.Ordinal);

        Write("two");
        var second = await PageAsync("cyborg-agent", 2);
        Assert.Equal("failure", second["host name"].Verdict);
        Assert.Contains("held by another live agent", second["host name"].Text, StringComparison.Ordinal);
        Assert.Equal("ok", (await PageAsync("cyborg-conductor", 1))["hosts"].Verdict);

        void Write(string state) => _deployment.Write($"""
            [DEFAULT]
            host = compute-1
            transport_url = nats://{nats.Address}
            state_path = {_deployment.Folder}/{state}
            [database]
            connection = {database.Url}
            [devices]
            initial_state = ready
            """);
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_used_keeps_the_rest_from_being_asked()
    {
        _deployment.Write("[DEFAULT]\ntransport_url = rabbit://u:mq-secret@h\n[agent]\nenabled_drivers = nonsense\n");
        var page = await PageAsync("cyborg-agent", 2);
        Assert.Equal(["configuration", "all else"], page.Keys);
        Assert.Equal("failure", page["configuration"].Verdict);
        Assert.Contains("its bus is NATS", page["configuration"].Text, StringComparison.Ordinal);
        Assert.Contains("config check", page["configuration"].Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--format", "xml")]
    [InlineData("--timeout", "0")]
    [InlineData("--nonsense")]
    public async Task A_command_line_that_cannot_be_used_ends_with_2(params string[] arguments) =>
        Assert.Equal(2, (await _deployment.RunAsync("cyborg-api", ["doctor", .. arguments])).Code);

    private async Task<Dictionary<string, Line>> PageAsync(string program, int code)
    {
        var found = await _deployment.RunAsync(program, "doctor", "--format", "json", "--timeout", "50");
        Assert.True(found.Code == code, $"{program} ended with {found.Code}:\n{found.Output}{found.Error}");
        Assert.DoesNotContain("secret", found.Output + found.Error, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(found.Output);
        Assert.Equal((program, code), (document.RootElement.GetProperty("program").GetString(), document.RootElement.GetProperty("exit_code").GetInt32()));
        return document.RootElement.GetProperty("checks").EnumerateArray().ToDictionary(
            line => line.GetProperty("name").GetString()!,
            line => new Line(line.GetProperty("verdict").GetString()!, line.GetProperty("text").GetString()!, line.GetProperty("remedy").GetString()));
    }

    private sealed record Line(string Verdict, string Text, string? Remedy);
}
