using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.TestServers;

namespace Cyborg.Conductor.Tests;

/// <summary>The health of devices, and what is told of it.</summary>
public sealed class ProbeTests
{
    [Theory, EachDatabase]
    public async Task An_ill_device_is_in_error_with_the_reason_until_it_is_well_again(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        await using var listener = await Listener.StartAsync(conductor.Bus);
        var uuid = await ReadyAsync(conductor);
        Assert.False(Assert.Single((await ProbesAsync(conductor)).Devices).Ill);

        await TellAsync(conductor, uuid, "too hot");
        Assert.Equal((AcceleratorState.Error, "too hot"), await conductor.AcceleratorAsync(uuid) is var ill ? (ill.State, ill.StateReason) : default);
        Assert.Equal(FaultCode.DeviceUnusable, await conductor.FaultAsync(Verbs.BindArqs, TestConductor.Binding(await conductor.CreateAsync(), "card")));
        Assert.Equal(new ProbeDevice(uuid, "fake_driver", TestConductor.Card("card", 1).ControlPath, Ill: true), Assert.Single((await ProbesAsync(conductor)).Devices));

        await TellAsync(conductor, uuid, null);
        Assert.Equal((AcceleratorState.Ready, null), await conductor.AcceleratorAsync(uuid) is var well ? (well.State, well.StateReason) : default);
        await listener.HearAsync("created", "ready", "error", "ready");
        Assert.Equal(["created", "ready", "error", "ready"], listener.Words);
    }

    [Theory, EachDatabase]
    public async Task A_device_whose_install_failed_is_not_made_well_by_a_probe(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var uuid = Assert.Single((await conductor.ReportAsync(TestConductor.Card("card", 1))).Install).DeviceUuid;
        Assert.Empty((await ProbesAsync(conductor)).Devices);
        await conductor.CallAsync(Verbs.ReportInstall, new ReportInstall(uuid, "no power"), host: TestConductor.Host);
        Assert.Empty((await ProbesAsync(conductor)).Devices);
        await TellAsync(conductor, uuid, null);
        Assert.Equal((AcceleratorState.Error, "no power"), await conductor.AcceleratorAsync(uuid) is var now ? (now.State, now.StateReason) : default);
    }

    [Theory, EachDatabase]
    public async Task A_late_word_about_a_device_that_was_disabled_or_is_anothers_changes_nothing(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        var uuid = await ReadyAsync(conductor);
        await conductor.CallAsync(Verbs.ReportProbe, new ReportProbe(uuid, "slander"), host: "stranger");
        Assert.Equal(AcceleratorState.Ready, (await conductor.AcceleratorAsync(uuid)).State);
        await conductor.CallAsync(Verbs.DisableDevice, new ById(uuid));
        await TellAsync(conductor, uuid, "too hot");
        Assert.Equal(AcceleratorState.Inactive, (await conductor.AcceleratorAsync(uuid)).State);
        Assert.Empty((await ProbesAsync(conductor)).Devices);
        // An ill device that is enabled again is installed again, and that says whether it is well.
        await conductor.CallAsync(Verbs.EnableDevice, new ById(uuid));
        await conductor.CallAsync(Verbs.ReportInstall, new ReportInstall(uuid, null), host: TestConductor.Host);
        Assert.Equal(AcceleratorState.Ready, (await conductor.AcceleratorAsync(uuid)).State);
    }

    [Theory, EachDatabase]
    public async Task An_agent_that_does_not_hold_the_name_learns_nothing(DatabaseKind kind)
    {
        await using var conductor = await TestConductor.StartAsync(kind);
        Assert.Empty((await ProbesAsync(conductor)).Devices);
        await ReadyAsync(conductor);
        Assert.Equal(FaultCode.Conflict, await conductor.FaultAsync(
            Verbs.GetProbes, new GetProbes(new AgentIdentity(Guid.NewGuid(), Guid.NewGuid(), 1)), project: null, host: TestConductor.Host));
    }

    private static async Task<Guid> ReadyAsync(TestConductor conductor)
    {
        var uuid = Assert.Single((await conductor.ReportAsync(TestConductor.Card("card", 1))).Install).DeviceUuid;
        await conductor.CallAsync(Verbs.ReportInstall, new ReportInstall(uuid, null), host: TestConductor.Host);
        return uuid;
    }

    private static Task<ProbeList> ProbesAsync(TestConductor conductor) =>
        conductor.CallAsync(Verbs.GetProbes, new GetProbes(TestConductor.Agent), project: null, host: TestConductor.Host);

    private static Task<Done> TellAsync(TestConductor conductor, Guid uuid, string? error) =>
        conductor.CallAsync(Verbs.ReportProbe, new ReportProbe(uuid, error), project: null, host: TestConductor.Host);
}
