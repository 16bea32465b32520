using Cyborg.Hosting.Faults;

namespace Cyborg.E2E.Tests;

/// <summary>Boots in whose middle something dies: the event arrives all the same, or the server ends in ERROR with its requests gone. It is never ACTIVE
/// without its device. Attaching takes some seconds here, so that there is a middle.</summary>
public sealed class InterruptedBootTests(FernetCloud cloud) : NovaTest(cloud)
{
    private const int Killed = 137;

    // Looks at a server are farther and farther apart.
    private static readonly TimeSpan GivenBack = TimeSpan.FromMinutes(8);

    private protected override Cards Cards { get; } = new(Seconds: 5);

    [Fact]
    public async Task A_server_waits_for_the_work_on_its_host()
    {
        var server = await BootAsync();
        await WaitForBindAsync(server);
        await server.WaitAsync(Stop, "ACTIVE");
        await AssertHasItsDeviceAsync(server);
        await server.DeleteAsync(Stop);
        await AssertHasNothingAsync(server);
    }

    [Fact]
    public async Task One_of_two_conductors_that_is_killed_after_the_202_is_not_missed()
    {
        await Cloud.Services.StartSecondConductorAsync(Stop);
        var server = await BootAsync();
        await WaitForBindAsync(server);
        Assert.True(await Cloud.Services.Conductor.KillAsync());
        var end = await AssertGoodEndAsync(server);
        Assert.Equal("ACTIVE", end);
    }

    [Fact]
    public async Task The_only_conductor_is_killed_after_the_202_and_comes_back()
    {
        var server = await BootAsync();
        await WaitForBindAsync(server);
        Assert.True(await Cloud.Services.Conductor.KillAsync());
        await Cloud.PrepareAsync(Cards, Stop);
        await AssertGoodEndAsync(server);
    }

    [Theory]
    [InlineData(FaultPoint.BindCommitted)]
    [InlineData(FaultPoint.AttachAnswered)]
    [InlineData(FaultPoint.AttachCompleted)]
    [InlineData(FaultPoint.EventSent)]
    public async Task The_only_conductor_dies_at_a_bad_moment_and_comes_back(FaultPoint moment)
    {
        await Cloud.Services.ArmAsync(moment);
        await Cloud.WaitUntilServingAsync(Stop);
        var server = await BootAsync();
        Assert.Equal(Killed, await Cloud.Services.Conductor.Process!.Exited.WaitAsync(TimeSpan.FromMinutes(3), Stop));
        await Cloud.PrepareAsync(Cards, Stop);
        await AssertGoodEndAsync(server);
    }

    [Fact]
    public async Task The_event_waits_for_a_Nova_that_is_stopped_and_started_again()
    {
        var server = await BootAsync();
        await WaitForBindAsync(server);
        await Cloud.Lab.StopAsync("nova-api", Stop);
        await Cloud.Lab.UpAsync(Stop);
        await AssertGoodEndAsync(server);
    }

    [Fact]
    public async Task A_server_whose_compute_service_is_stopped_in_the_middle_has_its_device_or_nothing()
    {
        var server = await BootAsync();
        await WaitForBindAsync(server);
        await Cloud.Lab.StopAsync("nova-compute", Stop);
        await Cloud.Lab.UpAsync(Stop);
        // What Nova finds half made when it starts it sets to ERROR, and tells nobody: the requests are given back when a conductor has asked for the server.
        await AssertGoodEndAsync(server);
    }

    /// <summary>Waits until the bind is accepted and its work has begun.</summary>
    private Task WaitForBindAsync(Server server) =>
        Eventually.IsAsync($"the request of server {server.Id} is being bound", Soon, _ => RequestsOfAsync(server),
            seen => seen is [var arq] && (string)arq["state"]! == "BindStarted", Stop);

    /// <summary>ACTIVE with its device, or ERROR without.</summary>
    private async Task<string> AssertGoodEndAsync(Server server)
    {
        var end = (string)(await server.WaitAsync(Stop, "ACTIVE", "ERROR"))["status"]!;
        if (end == "ACTIVE")
            await AssertHasItsDeviceAsync(server);
        else
            await Eventually.IsAsync($"the requests of server {server.Id} are gone", GivenBack, _ => RequestsOfAsync(server), seen => seen.Count == 0, Stop);
        await server.DeleteAsync(Stop);
        await AssertHasNothingAsync(server);
        return end;
    }
}
