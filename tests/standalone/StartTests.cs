using System.Net;
using System.Net.Sockets;

namespace Cyborg.Standalone.Tests;

public sealed class StartTests
{
    [Fact]
    public async Task A_first_start_shows_what_it_found_and_what_to_try()
    {
        using var data = new TemporaryFolder();
        await using var cyborg = await StandaloneProcess.StartAsync(data.Path);
        await cyborg.StopAsync("INT");
        Assert.Contains("fake_driver: FPGA 0xABCD", cyborg.Text, StringComparison.Ordinal);
        Assert.Equal(3, cyborg.Text.Split('\n').Count(line => line.StartsWith("  curl ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_stops_it_cleanly_and_a_second_start_finds_its_data(string signal)
    {
        using var data = new TemporaryFolder();
        string devices;
        await using (var first = await StandaloneProcess.StartAsync(data.Path))
        {
            await first.PostAsync("v2/device_profiles", new[] { new { name = "kept", groups = new[] { new Dictionary<string, string> { ["resources:FPGA"] = "1" } } } });
            devices = (await first.GetAsync("v2/devices")).GetProperty("devices")[0].GetProperty("uuid").GetString()!;
            Assert.Equal(0, await first.StopAsync(signal));
            Assert.Contains("Stopped.", first.Text, StringComparison.Ordinal);
        }

        await using var second = await StandaloneProcess.StartAsync(data.Path);
        Assert.Equal("kept", (await second.GetAsync("v2/device_profiles")).GetProperty("device_profiles")[0].GetProperty("name").GetString());
        Assert.Equal(devices, (await second.GetAsync("v2/devices")).GetProperty("devices")[0].GetProperty("uuid").GetString());
    }

    [Fact]
    public async Task What_was_acknowledged_survives_a_kill()
    {
        using var data = new TemporaryFolder();
        await using (var first = await StandaloneProcess.StartAsync(data.Path))
        {
            await first.PostAsync("v2/device_profiles", new[] { new { name = "kept", groups = new[] { new Dictionary<string, string> { ["resources:FPGA"] = "1" } } } });
            await first.StopAsync("KILL");
        }
        await using var second = await StandaloneProcess.StartAsync(data.Path);
        Assert.Equal(1, (await second.GetAsync("v2/device_profiles")).GetProperty("device_profiles").GetArrayLength());
    }

    [Fact]
    public async Task A_folder_in_use_is_refused_with_a_remedy()
    {
        using var data = new TemporaryFolder();
        await using var first = await StandaloneProcess.StartAsync(data.Path);
        var (code, text) = await StandaloneProcess.FailAsync(data.Path);
        Assert.Equal(1, code);
        Assert.Contains("--data", Assert.Single(text.Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_told_in_a_line()
    {
        using var data = new TemporaryFolder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var (code, text) = await StandaloneProcess.FailAsync(data.Path, "--port", $"{port}");
        Assert.Equal(1, code);
        Assert.Contains($"{port}", text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[api]\nhost_ip = 0.0.0.0\n", "host_ip = 127.0.0.1")]
    [InlineData("[database]\nconnection = mysql://u:sesame@h/cyborg\n", "postgresql://")]
    [InlineData("[DEFAULT]\ntransport_url = rabbit://u:sesame@h:5672/\n", "nats://")]
    [InlineData("[agent]\nenabled_drivers = no_such_driver\n", "no_such_driver")]
    [InlineData("[api]\nport = many\n", "many")]
    public async Task A_bad_value_stops_the_start_with_what_would_be_right(string text, string says)
    {
        using var data = new TemporaryFolder();
        var file = data.Write("cyborg.conf", text);
        var (code, told) = await StandaloneProcess.FailAsync(data.Path, "--config-file", file, "--port", "0");
        if (text.Contains("port = many", StringComparison.Ordinal))
            Assert.Contains(":2:", told, StringComparison.Ordinal);
        Assert.Equal(1, code);
        Assert.Contains(says, told, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", told, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", told, StringComparison.Ordinal);
    }
}
