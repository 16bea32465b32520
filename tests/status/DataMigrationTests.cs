using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;
using WireMock.Settings;

namespace Cyborg.Status.Tests;

/// <summary><c>cyborg-dbsync online_data_migrations</c>.</summary>
public sealed class DataMigrationTests : IDisposable
{
    private readonly Deployment _deployment = new();
    private readonly WireMockServer _nova = WireMockServer.Start(new WireMockServerSettings { Urls = ["http://127.0.0.1:0"], StartTimeout = 60_000 });

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _nova.Dispose();
        _deployment.Dispose();
    }

    [Theory, EachDatabase]
    public async Task Accelerator_requests_without_an_owner_get_the_project_of_their_instance(DatabaseKind kind)
    {
        await using var database = await TestDatabase.CreateAsync(kind, cancellation: Stop);
        var (known, gone) = (Guid.NewGuid(), Guid.NewGuid());
        Knows(known, """{"server": {"id": "x", "tenant_id": "project-1"}}""");
        await AddAsync(database, known, null);
        await AddAsync(database, known, null);
        await AddAsync(database, known, "project-1");
        await AddAsync(database, gone, null);
        await AddAsync(database, null, null);
        Write(database.Url, $"[nova]\nauth_type = none\nendpoint_override = {_nova.Url}\n");

        var first = await _deployment.RunAsync("cyborg-dbsync", "online_data_migrations");

        Assert.Equal((1, "Migrated 2 ARQ(s)\n"), (first.Code, first.Output));
        Assert.Equal($"cyborg-dbsync: 1 ARQ(s) have no project_id yet: Nova knows no server {gone}\n", first.Error);
        Assert.Equal(3, await CountAsync(database, "project-1"));

        Knows(gone, """{"server": {"tenant_id": "project-2"}}""");
        var second = await _deployment.RunAsync("cyborg-dbsync", "online_data_migrations");
        Assert.Equal((0, "Migrated 1 ARQ(s)\n", ""), (second.Code, second.Output, second.Error));
        Assert.Equal(1, await CountAsync(database, "project-2"));
        Assert.Equal((0, "Migrated 0 ARQ(s)\n"), await RunAsync());
    }

    [Fact]
    public async Task Without_Nova_nobody_can_be_asked()
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, cancellation: Stop);
        Write(database.Url, "");
        Assert.Equal((0, "Migrated 0 ARQ(s)\n"), await RunAsync());
        await AddAsync(database, Guid.NewGuid(), null);
        var found = await _deployment.RunAsync("cyborg-dbsync", "online_data_migrations");
        Assert.Equal((1, "Migrated 0 ARQ(s)\n"), (found.Code, found.Output));
        Assert.Contains("there is no [nova] section", found.Error, StringComparison.Ordinal);
        var status = await _deployment.RunAsync("cyborg-status", "upgrade", "check");
        Assert.Contains("1 accelerator requests of instances have no", status.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("nonsense")]
    [InlineData("""{"server": {"tenant_id": 7}}""")]
    [InlineData("""{"server": []}""")]
    public async Task An_answer_without_a_project_changes_nothing(string body)
    {
        await using var database = await TestDatabase.CreateAsync(DatabaseKind.Sqlite, cancellation: Stop);
        var instance = Guid.NewGuid();
        Knows(instance, body);
        await AddAsync(database, instance, null);
        Write(database.Url, $"[nova]\nauth_type = none\nendpoint_override = {_nova.Url}\n");
        Assert.Equal((1, "Migrated 0 ARQ(s)\n"), await RunAsync());
    }

    [Fact]
    public async Task A_database_that_is_not_up_to_date_is_upgraded_first()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(DatabaseKind.Sqlite, cancellation: Stop);
        Write(database.Url, "");
        var found = await _deployment.RunAsync("cyborg-dbsync", "online_data_migrations");
        Assert.Equal((1, ""), (found.Code, found.Output));
        Assert.Contains("run cyborg-dbsync upgrade", found.Error, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output)> RunAsync()
    {
        var found = await _deployment.RunAsync("cyborg-dbsync", "online_data_migrations");
        return (found.Code, found.Output);
    }

    private void Write(string url, string more) => _deployment.Write($"[database]\nconnection = {url}\n{more}");

    private void Knows(Guid instance, string body) => _nova
        .Given(Request.Create().WithPath($"/servers/{instance}").WithHeader("OpenStack-API-Version", "compute 2.82").UsingGet())
        .RespondWith(Response.Create().WithStatusCode(200).WithBody(body));

    private static Task AddAsync(TestDatabase database, Guid? instance, string? project) => database.Database.TransactAsync(
        session => session.InsertAsync(
            new Storage.Rows.ArqRow { Uuid = Guid.NewGuid(), InstanceUuid = instance, ProjectId = project, CreatedAt = session.Now }, token: Stop),
        Stop);

    private static Task<int> CountAsync(TestDatabase database, string project) =>
        database.Database.ReadAsync(session => session.Arqs.CountAsync(arq => arq.ProjectId == project, Stop), Stop);
}
