namespace Cyborg.Drivers.Conformance;

/// <summary>What a driver promises that attaches accelerators to the host itself (<see cref="IHostAttachDriver"/>).</summary>
public abstract class HostAttachConformance(DriverBench bench) : DriverSuite(bench)
{
    private IHostAttachDriver Driver() => Assert.IsAssignableFrom<IHostAttachDriver>(Bench.Create());

    [Fact]
    public async Task Attaching_to_the_host_and_detaching_may_be_repeated_also_after_a_restart()
    {
        var (driver, devices) = await FindAsync();
        var before = Bytes(await driver.DiscoverAsync(Token));
        var (device, handle) = FirstHandle(devices);
        var use = NewUse();
        Worked(await Driver().DetachFromHostAsync(device, handle, use, Token));
        Worked(await Driver().AttachToHostAsync(device, handle, use, Token));
        Worked(await Driver().AttachToHostAsync(device, handle, use, Token));
        Worked(await Driver().DetachFromHostAsync(device, handle, use, Token));
        Worked(await Driver().DetachFromHostAsync(device, handle, use, Token));
        Assert.Equal(before, Bytes(await driver.DiscoverAsync(Token)));
    }

    [Fact]
    public async Task What_is_attached_for_one_request_is_not_detached_for_another()
    {
        var (_, devices) = await FindAsync();
        var (device, handle) = FirstHandle(devices);
        var use = NewUse();
        var other = use with { Arq = Guid.NewGuid() };
        if (!Bench.TellsRequestsApart)
            return;
        Worked(await Driver().AttachToHostAsync(device, handle, use, Token));
        DidNotWork(await Driver().AttachToHostAsync(device, handle, other, Token));
        DidNotWork(await Driver().DetachFromHostAsync(device, handle, other, Token));
        Worked(await Driver().DetachFromHostAsync(device, handle, use, Token));
        Worked(await Driver().AttachToHostAsync(device, handle, other, Token));
    }

    [Fact]
    public async Task A_device_that_is_not_there_is_not_attached()
    {
        var (_, devices) = await FindAsync();
        DidNotWork(await Driver().AttachToHostAsync(Bench.Absent, FirstHandle(devices).Handle, NewUse(), Token));
    }
}
