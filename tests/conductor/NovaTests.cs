using Cyborg.Conductor.Nova;
using Cyborg.Storage;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;
using Microsoft.Extensions.Logging.Abstractions;
using NovaEvent = Cyborg.Storage.NovaEvent;

namespace Cyborg.Conductor.Tests;

public sealed class NovaTests
{
    [Theory]
    [InlineData("completed", 200, 200, "Done")]
    [InlineData("completed", 207, 422, "Done")]
    [InlineData("completed", 207, 404, "Done")]
    [InlineData("completed", 207, 400, "Refused")]
    [InlineData("completed", 207, 500, "Again")]
    [InlineData("completed", 207, null, "Done")]
    [InlineData("completed", 404, null, "Done")]
    [InlineData("completed", 400, null, "Again")]
    [InlineData("completed", 401, null, "Again")]
    [InlineData("completed", 500, null, "Again")]
    [InlineData("completed", 503, 200, "Again")]
    [InlineData("completed", null, null, "Again")]
    [InlineData("failed", 200, 200, "Again")]
    [InlineData("failed", 207, 422, "Again")]
    [InlineData("failed", 404, null, "Done")]
    [InlineData("failed", null, null, "Again")]
    public void An_answer_of_nova_is_judged(string status, int? http, int? code, string verdict)
    {
        var arq = Guid.NewGuid();
        var codes = code is { } own ? new Dictionary<Guid, int> { [arq] = own } : [];
        Assert.Equal(verdict, EventVerdict.Of(new NovaEvent(1, Guid.NewGuid(), arq, status, 0, false), new NovaReply(http, codes, null)).ToString());
    }

    [Fact]
    public void Waits_grow_and_stay_bounded() =>
        Assert.Equal([1, 2, 4, 8, 10, 10], new[] { 0, 1, 2, 3, 4, 1_000_000 }.Select(EventVerdict.Delay));

    [Theory, EachDatabase]
    public async Task Nova_is_told_once_of_each_bind_instance_by_instance(DatabaseKind kind)
    {
        await using var stage = await Stage.StartAsync(kind);
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        stage.Nova.Place(first, hasHost: true);
        stage.Nova.Place(second, hasHost: false);
        var arqs = await stage.BindAsync(2, first);
        var other = await stage.BindAsync(1, second);

        await stage.RoundAsync();
        await stage.RoundAsync();

        Assert.All(arqs, arq => Assert.True(stage.Nova.Accepted(first, arq, "completed")));
        Assert.Equal(422, Assert.Single(stage.Nova.Journal, seen => seen.Tag == $"{other[0]}").Code);
        Assert.Equal(3, stage.Nova.Journal.Count);
        Assert.Equal(0, await stage.OwedAsync());
    }

    [Theory, EachDatabase]
    public async Task What_a_broken_nova_did_not_hear_is_sent_again(DatabaseKind kind)
    {
        await using var stage = await Stage.StartAsync(kind);
        var instance = Guid.NewGuid();
        stage.Nova.Place(instance, hasHost: true);
        var arq = (await stage.BindAsync(1, instance))[0];

        foreach (var mood in new[] { NovaMood.ServerError, NovaMood.Refuses, NovaMood.LosesAnswer })
        {
            stage.Nova.Mood = mood;
            await stage.RoundAsync();
            Assert.Equal(1, await stage.OwedAsync());
            await stage.HurryAsync();
        }
        await stage.Nova.StopAsync();
        await stage.RoundAsync();
        await stage.HurryAsync();
        stage.Nova.Mood = NovaMood.Well;
        await stage.Nova.StartAsync();
        await stage.RoundAsync();

        Assert.True(stage.Nova.Accepted(instance, arq, "completed"));
        Assert.Equal(0, await stage.OwedAsync());
    }

    [Theory, EachDatabase]
    public async Task A_message_is_not_sent_before_its_time(DatabaseKind kind)
    {
        await using var stage = await Stage.StartAsync(kind);
        var instance = Guid.NewGuid();
        await stage.BindAsync(1, instance);
        stage.Nova.Mood = NovaMood.ServerError;
        var before = DateTimeOffset.UtcNow;
        await stage.RoundAsync();
        Assert.InRange(await stage.DueAsync(), before.AddSeconds(EventVerdict.Delay(0) - 0.1), DateTimeOffset.UtcNow.AddSeconds(EventVerdict.Delay(1) + 0.1));
        await stage.ChangeAsync(session => session.NovaEvents.Set(row => row.SendAfter, _ => DatabaseClock.In(3600)).UpdateAsync());
        await stage.RoundAsync();
        Assert.Single(stage.Nova.Journal);
    }

    [Theory, EachDatabase]
    public async Task A_message_about_a_bind_that_is_over_is_not_sent(DatabaseKind kind)
    {
        await using var stage = await Stage.StartAsync(kind);
        var arqs = await stage.BindAsync(2, Guid.NewGuid());
        await stage.Conductor.CallAsync(Messaging.Contracts.Verbs.UnbindArqs, new(TestConductor.Scope("p1"), [arqs[0]]));
        await stage.Conductor.CallAsync(Messaging.Contracts.Verbs.DeleteArqs, new(TestConductor.Scope("p1"), [arqs[1]], true));
        await stage.RoundAsync();
        Assert.Empty(stage.Nova.Journal);
        Assert.Equal(0, await stage.OwedAsync());
    }

    [Theory, EachDatabase]
    public async Task An_instance_that_is_gone_is_quiet(DatabaseKind kind)
    {
        await using var stage = await Stage.StartAsync(kind);
        await stage.BindAsync(1, Guid.NewGuid());
        await stage.RoundAsync();
        Assert.Equal(404, Assert.Single(stage.Nova.Journal).Code);
        Assert.Equal(0, await stage.OwedAsync());
    }

    [Theory, EachDatabase]
    public async Task A_claim_that_ran_out_is_taken_over(DatabaseKind kind)
    {
        await using var stage = await Stage.StartAsync(kind);
        var instance = Guid.NewGuid();
        stage.Nova.Place(instance, hasHost: true);
        await stage.BindAsync(1, instance);
        await stage.ChangeAsync(session => NovaEventStore.ClaimAsync(session, Guid.NewGuid(), 10, 3600));
        await stage.RoundAsync();
        Assert.Empty(stage.Nova.Journal);
        await stage.ChangeAsync(session => session.NovaEvents.Set(row => row.ClaimUntil, _ => DatabaseClock.In(-1)).UpdateAsync());
        await stage.RoundAsync();
        Assert.Single(stage.Nova.Journal);
        Assert.Equal(0, await stage.OwedAsync());
    }

    private sealed class Stage : IAsyncDisposable
    {
        private readonly NovaEndpoint _endpoint;
        private readonly EventRelay _relay;

        private Stage(TestConductor conductor, FakeNova nova)
        {
            (Conductor, Nova) = (conductor, nova);
            _endpoint = NovaEndpoint.Open(TestConductor.NoNova with { Endpoint = new Uri(nova.Endpoint + "/") }, NullLoggerFactory.Instance, TimeProvider.System)!;
            _relay = new EventRelay(conductor.Database, new NovaClient(_endpoint), NullLogger.Instance, TimeProvider.System);
        }

        public TestConductor Conductor { get; }

        public FakeNova Nova { get; }

        public static async Task<Stage> StartAsync(DatabaseKind kind)
        {
            var nova = await FakeNova.StartNewAsync();
            var conductor = await TestConductor.StartAsync(kind, TestConductor.NoNova with { Endpoint = new Uri(nova.Endpoint + "/") }, quiet: true);
            await conductor.ReportAsync(TestConductor.Card("card", 4));
            return new Stage(conductor, nova);
        }

        public async Task<IReadOnlyList<Guid>> BindAsync(int count, Guid instance)
        {
            var arqs = await Conductor.CreateAsync(count);
            await Conductor.BindAsync(arqs, "card", instance);
            return arqs;
        }

        public Task RoundAsync() => _relay.RoundAsync(TestContext.Current.CancellationToken);

        public Task ChangeAsync<T>(Func<Session, Task<T>> change) => Conductor.Database.TransactAsync(change, TestContext.Current.CancellationToken);

        public Task HurryAsync() => ChangeAsync(session => session.NovaEvents.Set(row => row.SendAfter, _ => DatabaseClock.Now()).UpdateAsync());

        /// <summary>When the only message is to be sent again.</summary>
        public Task<DateTimeOffset> DueAsync() =>
            Conductor.Database.ReadAsync(session => session.NovaEvents.Select(row => row.SendAfter).SingleAsync(), TestContext.Current.CancellationToken);

        public Task<int> OwedAsync() => Conductor.Database.ReadAsync(session => session.NovaEvents.CountAsync(), TestContext.Current.CancellationToken);

        public async ValueTask DisposeAsync()
        {
            _endpoint.Dispose();
            await Conductor.DisposeAsync();
            await Nova.DisposeAsync();
        }
    }
}
