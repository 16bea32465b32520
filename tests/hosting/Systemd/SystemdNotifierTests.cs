using System.Globalization;
using Cyborg.Hosting.Systemd;

namespace Cyborg.Hosting.Tests;

public sealed class SystemdNotifierTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_service_says_arrives_as_datagrams(bool isAbstract)
    {
        using var systemd = new NotifyListener(isAbstract);
        using var notifier = systemd.Notifier();

        notifier.Ready();
        notifier.Alive();
        notifier.Status("waits: no route");
        notifier.Stopping();

        Assert.Equal("READY=1", await systemd.NextAsync());
        Assert.Equal("WATCHDOG=1", await systemd.NextAsync());
        Assert.Equal("STATUS=waits: no route", await systemd.NextAsync());
        Assert.Equal("STOPPING=1", await systemd.NextAsync());
    }

    [Fact]
    public async Task A_reload_is_stamped_with_the_monotonic_clock()
    {
        using var systemd = new NotifyListener();
        using var notifier = systemd.Notifier();
        var before = Environment.TickCount64;

        notifier.Reloading();

        var lines = (await systemd.NextAsync()).Split('\n');
        Assert.Equal("RELOADING=1", lines[0]);
        var stamp = long.Parse(lines[1]["MONOTONIC_USEC=".Length..], CultureInfo.InvariantCulture) / 1000;
        Assert.InRange(stamp, before - 1000, Environment.TickCount64 + 1000);
    }

    [Fact]
    public async Task A_status_is_one_line_and_can_say_nothing_else()
    {
        using var systemd = new NotifyListener();
        using var notifier = systemd.Notifier();

        notifier.Status("first\nREADY=1");

        Assert.Equal("STATUS=first", await systemd.NextAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("no-socket")]
    [InlineData("/nobody/listens/here")]
    [InlineData("/this/path/is/longer/than/the/hundred/and/eight/bytes/that/an/address/of/a/unix/socket/has/on/linux/so/nobody/can/listen")]
    public void Without_a_listener_nothing_happens(string? path)
    {
        using var notifier = SystemdNotifier.Create(name => name == SystemdNotifier.SocketVariable ? path : null, 42, TimeProvider.System);

        notifier.Ready();
        notifier.Alive();

        Assert.Null(notifier.Patience);
    }

    [Theory]
    [InlineData("60000000", null, 60)]
    [InlineData("60000000", "42", 60)]
    [InlineData("60000000", "43", null)]
    [InlineData("0", null, null)]
    [InlineData("-1", null, null)]
    [InlineData("soon", null, null)]
    [InlineData(null, null, null)]
    public void The_watchdog_is_on_for_the_process_that_it_names(string? microseconds, string? process, int? seconds)
    {
        var variables = new Dictionary<string, string?> { [SystemdNotifier.WatchdogVariable] = microseconds, [SystemdNotifier.WatchdogProcessVariable] = process };

        using var notifier = SystemdNotifier.Create(variables.GetValueOrDefault, 42, TimeProvider.System);

        Assert.Equal(seconds is null ? null : TimeSpan.FromSeconds(seconds.Value), notifier.Patience);
    }
}
