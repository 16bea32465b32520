namespace Cyborg.Drivers.Conformance;

/// <summary>What a driver promises that measures (<see cref="IUsageDriver"/>).</summary>
public abstract class UsageConformance(DriverBench bench) : DriverSuite(bench)
{
    [Fact]
    public async Task Figures_are_of_known_devices_and_make_sense()
    {
        var (driver, devices) = await FindAsync();
        var known = devices.Select(device => device.ControlPath).ToHashSet();
        var usage = await Assert.IsAssignableFrom<IUsageDriver>(driver).MeasureAsync(Token);
        Assert.NotEmpty(usage);
        Assert.Distinct(usage.Select(one => one.Device));
        Assert.All(usage, one =>
        {
            Assert.Contains(one.Device, known);
            Assert.NotEmpty(one.Figures);
            Assert.All(one.Figures, figure =>
            {
                Assert.Matches("^[a-z][a-z0-9_]{0,63}$", figure.Key);
                Assert.True(double.IsFinite(figure.Value) && figure.Value >= 0, $"{figure.Key} is {figure.Value}");
                if (figure.Key.EndsWith("_percent", StringComparison.Ordinal))
                    Assert.InRange(figure.Value, 0, 100);
            });
            if (one.Figures.TryGetValue(UsageFigures.AcceleratorsInUse, out var used) && one.Figures.TryGetValue(UsageFigures.AcceleratorsTotal, out var total))
                Assert.InRange(used, 0, total);
        });
    }

    /// <summary>Nothing is known then, and that is not 0.</summary>
    [Fact]
    public async Task A_blind_driver_measures_nothing()
    {
        var driver = Bench.Create();
        Bench.Blind();
        try
        {
            Assert.Empty(await Assert.IsAssignableFrom<IUsageDriver>(Bench.AfterChange(driver)).MeasureAsync(Token));
        }
        catch (DriverException e)
        {
            Assert.False(string.IsNullOrWhiteSpace(e.Message));
        }
    }
}
