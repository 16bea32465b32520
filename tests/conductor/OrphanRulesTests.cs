using System.Text;
using System.Text.Json.Nodes;
using Cyborg.Conductor.Nova;

namespace Cyborg.Conductor.Tests;

/// <summary>What Nova's answers say of a server, and what follows from it: a device is taken from nobody who might use it.</summary>
public sealed class OrphanRulesTests
{
    private static readonly Guid Server = Guid.NewGuid();

    [Fact]
    public void The_end_of_an_interrupted_boot_is_never_started() =>
        Assert.Equal(new ServerLook(ServerFate.NeverStarted, null), Judge(200, WireMockNova.Server(Server)));

    [Theory]
    [InlineData("status", "\"BUILD\"")]
    [InlineData("status", "\"ACTIVE\"")]
    [InlineData("status", "\"UNKNOWN\"")]
    [InlineData("status", "\"DELETED\"")]
    [InlineData("status", "null")]
    [InlineData("OS-EXT-STS:vm_state", "\"building\"")]
    [InlineData("OS-EXT-STS:vm_state", "\"active\"")]
    [InlineData("OS-EXT-STS:vm_state", "null")]
    [InlineData("OS-EXT-STS:task_state", "\"spawning\"")]
    [InlineData("OS-EXT-STS:task_state", "\"deleting\"")]
    [InlineData("OS-EXT-STS:power_state", "1")]
    [InlineData("OS-EXT-STS:power_state", "4")]
    [InlineData("OS-EXT-STS:power_state", "null")]
    [InlineData("OS-EXT-STS:power_state", "\"0\"")]
    [InlineData("OS-SRV-USG:launched_at", "\"2026-11-22T10:00:00.000000\"")]
    [InlineData("OS-SRV-USG:launched_at", "\"\"")]
    public void Anything_else_that_nova_shows_counts_for_the_server(string name, string json) =>
        Assert.Equal(ServerFate.Alive, Judge(200, WireMockNova.Server(Server, (name, JsonNode.Parse(json)))).Fate);

    [Theory]
    [InlineData("status")]
    [InlineData("OS-EXT-STS:vm_state")]
    [InlineData("OS-EXT-STS:task_state")]
    [InlineData("OS-EXT-STS:power_state")]
    [InlineData("OS-SRV-USG:launched_at")]
    public void What_a_policy_hides_counts_for_the_server(string name)
    {
        var shown = JsonNode.Parse(WireMockNova.Server(Server))!;
        shown["server"]!.AsObject().Remove(name);
        Assert.Equal(ServerFate.Alive, Judge(200, shown.ToJsonString()).Fate);
    }

    [Theory]
    [InlineData(200, "")]
    [InlineData(200, "no JSON")]
    [InlineData(200, "[]")]
    [InlineData(200, "null")]
    [InlineData(200, "{}")]
    [InlineData(200, """{"server": null}""")]
    [InlineData(200, """{"server": {"status": "ERROR"}}""")]
    [InlineData(200, """{"server": {"id": 4}}""")]
    [InlineData(200, """{"server": {"id": "6d0a7b52-6c80-4f6c-9a44-0b6d1f3a9e01", "status": "ERROR"}}""")]
    [InlineData(404, "<html>Not here</html>")]
    [InlineData(404, """{"itemNotFound": {"code": 404, "message": "The resource could not be found."}}""")]
    [InlineData(404, """{"itemNotFound": {"code": 404, "message": "Instance 6d0a7b52-6c80-4f6c-9a44-0b6d1f3a9e01 could not be found."}}""")]
    [InlineData(203, "")]
    [InlineData(300, "")]
    [InlineData(400, "")]
    [InlineData(401, "")]
    [InlineData(403, "")]
    [InlineData(410, "")]
    [InlineData(429, "")]
    [InlineData(500, "")]
    [InlineData(503, "")]
    [InlineData(null, "")]
    public void Whatever_else_nova_answers_says_nothing(int? status, string body)
    {
        var look = Judge(status, body);
        Assert.Equal(ServerFate.Unknown, look.Fate);
        Assert.NotNull(look.Problem);
    }

    [Fact]
    public void A_404_that_names_the_server_says_that_it_is_gone() =>
        Assert.Equal(new ServerLook(ServerFate.Gone, null), Judge(404, WireMockNova.NoServer(Server)));

    [Theory]
    [InlineData("Unknown", false, true, "AskAgain")]
    [InlineData("Unknown", true, true, "AskAgain")]
    [InlineData("Alive", false, true, "Keep")]
    [InlineData("Alive", true, true, "Keep")]
    [InlineData("NeverStarted", false, true, "Suspect")]
    [InlineData("NeverStarted", true, true, "GiveBack")]
    [InlineData("Gone", false, false, "Keep")]
    [InlineData("Gone", true, false, "Keep")]
    [InlineData("Gone", false, true, "Suspect")]
    [InlineData("Gone", true, true, "GiveBack")]
    public void Two_looks_have_to_agree_and_a_nova_without_our_servers_is_not_believed(string fate, bool suspect, bool novaKnowsOurs, string step) =>
        Assert.Equal(step, OrphanRules.After(Enum.Parse<ServerFate>(fate), suspect, novaKnowsOurs).ToString());

    [Fact]
    public void Looks_are_farther_and_farther_apart_up_to_a_day()
    {
        Assert.Equal([60, 120, 240, 61440, 86400, 86400], new[] { 0, 1, 2, 10, 11, 1_000_000 }.Select(looks => OrphanRules.Delay(OrphanStep.Keep, looks, 60)));
        Assert.Equal(60, OrphanRules.Delay(OrphanStep.Suspect, 9, 60));
        Assert.Equal(60, OrphanRules.Delay(OrphanStep.AskAgain, 9, 60));
        Assert.Equal(86400, OrphanRules.Delay(OrphanStep.Keep, 9, 86400));
    }

    private static ServerLook Judge(int? status, string body) =>
        ServerLook.Of(new NovaAnswer(status, Encoding.UTF8.GetBytes(body), status is >= 200 and < 300 ? null : "no"), Server);
}
