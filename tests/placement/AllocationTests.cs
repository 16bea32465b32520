using System.Net;
using System.Text.Json;
using Cyborg.TestServers;

namespace Cyborg.Placement.Tests;

/// <summary>Claims: what is sent at which microversion, and what each answer means.</summary>
public sealed class AllocationTests
{
    private readonly FakePlacement _placement = new();
    private readonly Guid _provider = Guid.NewGuid();
    private Func<string, string, FakeReply?> _before = (_, _) => null;

    public AllocationTests() => _placement.Put(new FakeProvider(_provider, "card", null, 1)
    {
        Inventories = System.Collections.Immutable.ImmutableSortedDictionary<string, FakeInventory>.Empty.Add("FPGA", new FakeInventory(1, 0, 1)),
    });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_claim_is_made_read_and_given_back()
    {
        var (client, consumer) = (Client(), Guid.NewGuid());
        Assert.Empty(await client.ProvidersOfAsync(consumer, Token));
        Assert.Equal(new ClaimAnswer(ClaimVerdict.Done, ""), await client.ClaimAsync(Claim(consumer), Token));
        Assert.Equal([_provider], await client.ProvidersOfAsync(consumer, Token));
        Assert.Equal([consumer], await client.ConsumersOfAsync(_provider, Token));
        Assert.Equal(("ACCELERATOR", "p", "u"), (_placement.Consumers[consumer].Type, _placement.Consumers[consumer].Project, _placement.Consumers[consumer].User));
        await client.ReleaseAsync(consumer, Token);
        await client.ReleaseAsync(consumer, Token);
        Assert.Empty(_placement.Consumers);
        Assert.Empty(await client.ConsumersOfAsync(_provider, Token));
        Assert.Empty(await client.ConsumersOfAsync(Guid.NewGuid(), Token));
    }

    [Fact]
    public async Task Each_refusal_has_its_meaning()
    {
        var (client, first) = (Client(), Guid.NewGuid());
        await client.ClaimAsync(Claim(first), Token);
        Assert.Equal(ClaimVerdict.NoRoom, (await client.ClaimAsync(Claim(Guid.NewGuid()), Token)).Verdict);
        Assert.Equal(ClaimVerdict.Conflict, (await client.ClaimAsync(Claim(first), Token)).Verdict);
        Assert.Equal(ClaimVerdict.Rejected, (await client.ClaimAsync(Claim(Guid.NewGuid()) with { Provider = Guid.NewGuid() }, Token)).Verdict);
    }

    [Theory]
    [InlineData(401, PlacementFailure.Refused)]
    [InlineData(403, PlacementFailure.Refused)]
    [InlineData(406, PlacementFailure.Refused)]
    [InlineData(429, PlacementFailure.Away)]
    [InlineData(500, PlacementFailure.Away)]
    [InlineData(503, PlacementFailure.Away)]
    public async Task What_says_nothing_about_the_claim_is_a_failure(int status, PlacementFailure failure)
    {
        _before = (_, _) => FakeReply.Error(status, "told to");
        var (client, consumer) = (Client(), Guid.NewGuid());
        foreach (var call in new Func<Task>[]
        {
            () => client.ClaimAsync(Claim(consumer), Token), () => client.ReleaseAsync(consumer, Token),
            () => client.ProvidersOfAsync(consumer, Token), () => client.ConsumersOfAsync(_provider, Token),
        })
            Assert.Equal(failure, (await Assert.ThrowsAsync<PlacementException>(call)).Failure);
    }

    private ProviderClaim Claim(Guid consumer) => new(consumer, _provider, "FPGA", "p", "u");

    private AllocationClient Client() => new((request, _) =>
    {
        var reply = _before(request.Method.Method, request.Path)
            ?? _placement.Handle(request.Method.Method, request.Path, request.Body, request.Headers["OpenStack-API-Version"]);
        var answer = new HttpResponseMessage((HttpStatusCode)reply.Status);
        if (reply.Body is not null)
            answer.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(reply.Body));
        return Task.FromResult(answer);
    });
}
