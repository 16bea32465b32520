using System.Text.Json.Nodes;
using Cyborg.Agent;
using Cyborg.Agent.Accelerators;
using Cyborg.Agent.Packages;
using Cyborg.Api;
using Cyborg.Hosting;
using Cyborg.Standalone;
using Cyborg.TestServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Cli.Tests;

/// <summary>A whole Cyborg in this process, with a backend that makes accelerators and a driver package to install.</summary>
public sealed class StandaloneService : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cyborg-cli-service-").FullName;
    private StandaloneRoom? _room;

    public string Url { get; private set; } = "";

    public string Checksum { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var packages = Directory.CreateDirectory(Path.Combine(_folder, "packages")).FullName;
        Checksum = DriverPackageFile.PackSample(packages, "1.0.0");
        DriverPackageFile.PackSample(packages, "2.0.0");
        var config = CyborgConfig.Parse([], StandaloneRoom.Options)
            .With(ApiOptions.PortOption, 0)
            .With(SharedOptions.HostOption, "laptop")
            .With(AgentOptions.EnabledDriversOption, ["fake_driver", "generic_driver"])
            .With(GenericOptions.EnabledBackendsOption, ["static"])
            // A machine that stands still for a while makes no device ill.
            .With(ProbeOptions.TimeoutOption, 600)
            .With(PackageOptions.SourceOption, packages);
        _room = await StandaloneRoom.StartAsync(config, Path.Combine(_folder, "data"), NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
        await _room.FirstReport.WaitAsync(TimeSpan.FromMinutes(2));
        await Settling.DevicesAreEnabledAsync(_room.Address);
        Url = _room.Address.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        if (_room is not null)
            await _room.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>The verbs against a real service.</summary>
public sealed class StandaloneTests(StandaloneService service) : IClassFixture<StandaloneService>, IDisposable
{
    private readonly Cli _cli = Cli.At(service.Url);

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task An_accelerator_is_made_shown_changed_and_taken_away()
    {
        var made = Json(await _cli.DoAsync(
            "accelerator-create", "rack-1", "--backend", "static", "--device-type", "GPU", "--num", "2", "--remote", "--capability", """{"units": 2, "of": [1.50]}""", "--wait", "-f", "json"));
        var uuid = (string)made["uuid"]!;
        Assert.Equal(("rack-1", "GPU", 1, """{"units":2,"of":[1.50]}"""), ((string)made["name"]!, (string)made["device_type"]!, (int)made["remote"]!, made["capability"]!.ToJsonString()));
        Assert.Contains("409", await _cli.FailAsync(1, "accelerator-create", "rack-1", "--backend", "static"), StringComparison.Ordinal);
        Assert.Equal(uuid + "\n", await _cli.DoAsync("accelerator-list", "--name", "rack-1", "-f", "value", "-c", "uuid"));
        var ready = await _cli.DoAsync("accelerator-ready", "rack-1", "--wait", "-f", "value", "-c", "state");
        Assert.Equal("ready\n", ready);
        Assert.Equal("inactive\n", await _cli.DoAsync("accelerator-ready", "rack-1", "--inactive", "--wait", "-f", "value", "-c", "state"));
        var generation = (await _cli.DoAsync("accelerator-show", "rack-1", "-f", "value", "-c", "generation")).Trim();
        Assert.Equal("3\n", await _cli.DoAsync("accelerator-update", "rack-1", "--num", "3", "--capability", """{"units": 3}""", "--if-generation", generation, "-f", "value", "-c", "num"));
        Assert.Contains("(409)", await _cli.FailAsync(1, "accelerator-update", uuid, "--num", "4", "--if-generation", generation), StringComparison.Ordinal);
        Assert.Equal("", await _cli.DoAsync("accelerator-delete", "rack-1", "--wait"));
        await _cli.FailAsync(1, "accelerator-show", "rack-1");
    }

    [Theory]
    [InlineData("table")]
    [InlineData("json")]
    [InlineData("yaml")]
    [InlineData("value")]
    [InlineData("csv")]
    public async Task Lists_come_in_every_format(string format)
    {
        foreach (var verb in new[] { "accelerator-list", "driver-list", "service-list", "usage" })
            Assert.NotEqual("", await _cli.DoAsync(verb, "-f", format));
    }

    [Fact]
    public async Task A_driver_is_installed_updated_and_uninstalled()
    {
        Assert.Contains("(409)", await _cli.FailAsync(1, "install-driver", DriverPackageFile.SampleId, "--version", "1.0.0", "--checksum", new string('0', 64)), StringComparison.Ordinal);
        var installed = Json(await _cli.DoAsync("install-driver", DriverPackageFile.SampleId, "--version", "1.0.0", "--checksum", service.Checksum, "-f", "json"));
        Assert.Equal(("1.0.0", "laptop", "active"), ((string)installed["version"]!, (string)installed["host"]!, (string)installed["state"]!));
        Assert.Equal("2.0.0\n", await WhenIdleAsync("update-driver", DriverPackageFile.SampleId, "--host", "laptop", "-f", "value", "-c", "version"));
        Assert.Contains(DriverPackageFile.SampleId, await _cli.DoAsync("driver-list", "-f", "value", "-c", "id"), StringComparison.Ordinal);
        Assert.Equal("", await WhenIdleAsync("uninstall-driver", DriverPackageFile.SampleId));
        Assert.Contains("(404)", await _cli.FailAsync(1, "uninstall-driver", DriverPackageFile.SampleId), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Services_are_discovered()
    {
        var services = JsonNode.Parse(await _cli.DoAsync("discover-services", "-f", "json"))!.AsArray();
        Assert.Contains(services, one => (string?)one!["host"] == "laptop");
        Assert.Contains("(404)", await _cli.FailAsync(1, "service-list", "--host", "nobody"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_nobody_has_measured_is_unknown()
    {
        var rows = JsonNode.Parse(await _cli.DoAsync("usage", "-f", "json"))!.AsArray();
        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.True(row!["measured_at"] is not null || (string?)row["value"] == "unknown", row.ToJsonString()));
    }

    [Fact]
    public async Task An_accelerator_is_attached_to_its_host_and_detached()
    {
        var uuid = (await _cli.DoAsync("accelerator-list", "--driver", "fake_driver", "--limit", "1", "-f", "value", "-c", "uuid")).Trim();
        var attached = Json(await _cli.DoAsync("accelerator-attach", uuid, "--wait", "-f", "json"));
        Assert.Equal(("host", "laptop", "attached"), ((string)attached["attach_info"]![0]!["target_type"]!, (string)attached["attach_info"]![0]!["target"]!, (string)attached["attach_info"]![0]!["state"]!));
        Assert.Equal("host:laptop\n", await _cli.DoAsync("accelerator-show", uuid, "-f", "value", "-c", "attached_to"));
        Assert.Equal("", await _cli.DoAsync("accelerator-detach", uuid, "--host", "laptop", "--wait"));
        Assert.Contains("(409)", await _cli.FailAsync(1, "accelerator-detach", uuid), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Servers_need_a_nova()
    {
        var uuid = (await _cli.DoAsync("accelerator-list", "--driver", "fake_driver", "--limit", "1", "-f", "value", "-c", "uuid")).Trim();
        Assert.Contains("(409)", await _cli.FailAsync(1, "attach-instance", Samples.Server, "--accelerator", uuid), StringComparison.Ordinal);
        Assert.Contains("(409)", await _cli.FailAsync(1, "detach-instance", Samples.Server), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_program_itself_prints_a_page()
    {
        using var command = new Command();
        var result = await command.RunAsync("accelerator-list", "--os-endpoint", service.Url, "-f", "value", "-c", "driver", "--driver", "fake_driver", "--limit", "1");
        Assert.Equal((0, "fake_driver\n", ""), (result.Code, result.Output, result.Error));
    }

    private static JsonNode Json(string text) => JsonNode.Parse(text)!;

    /// <summary>Does it when the driver has done with its device: a new one installs it after it has been installed itself.</summary>
    private async Task<string> WhenIdleAsync(params string[] arguments)
    {
        while (true)
        {
            var (code, output, error) = await _cli.RunAsync(arguments);
            if (!error.Contains("is at work on a device (409)", StringComparison.Ordinal))
            {
                Assert.True(code == 0 && error.Length == 0, error);
                return output;
            }
        }
    }
}
