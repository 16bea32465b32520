using System.Text.Json.Nodes;
using Cyborg.Agent;
using Cyborg.Agent.Packages;
using Cyborg.Api;
using Cyborg.Hosting;
using Cyborg.Standalone;
using Cyborg.TestServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Functional.Tests;

/// <summary>What the transcripts are played to: the whole service in this process, or the endpoint in <c>CYBORG_ENDPOINT</c>.</summary>
public sealed class Service : IAsyncLifetime
{
    private static readonly Guid Image = Guid.Parse("f1000000-0000-4000-8000-00000000000a");
    private readonly string _folder = Directory.CreateTempSubdirectory("cyborg-functional-").FullName;
    private StandaloneRoom? _room;
    private FakeNova? _nova;

    internal HttpClient Client { get; set; } = null!;

    internal string Base { get; private set; } = null!;

    /// <summary>True if the service lives in this process, and nobody else uses its data.</summary>
    internal bool IsOurs => _room is not null;

    /// <summary>An image that the host can program; null if the endpoint's is not known (<c>CYBORG_IMAGE</c>).</summary>
    internal string? ImageUuid { get; private set; }

    /// <summary>A driver package that the host can install, in versions 1.0.0, 1.5.0 (which finds nothing out) and 2.0.0; null for an endpoint elsewhere.</summary>
    internal string? Package { get; private set; }

    /// <summary>A server of a Nova that attaches accelerators to running servers, as none does yet; null for an endpoint elsewhere.</summary>
    internal string? Server { get; private set; }

    internal IReadOnlyDictionary<string, JsonObject> Personas { get; } = Yaml.Load(
        Environment.GetEnvironmentVariable("CYBORG_PERSONAS") ?? Path.Combine(AppContext.BaseDirectory, "personas.yaml"))!
        .AsObject().ToDictionary(pair => pair.Key, pair => (JsonObject)pair.Value!);

    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("CYBORG_ENDPOINT") is { Length: > 0 } endpoint)
            (Base, ImageUuid) = (endpoint.TrimEnd('/'), Environment.GetEnvironmentVariable("CYBORG_IMAGE"));
        else
            await StartAsync();
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_room is not null)
            await _room.DisposeAsync();
        if (_nova is not null)
            await _nova.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync()
    {
        var images = Directory.CreateDirectory(Path.Combine(_folder, "images")).FullName;
        await File.WriteAllTextAsync(Path.Combine(images, Image.ToString()), "bits");
        var packages = Directory.CreateDirectory(Path.Combine(_folder, "packages")).FullName;
        DriverPackageFile.PackSample(packages, "1.0.0");
        DriverPackageFile.PackSample(packages, "1.5.0", "BlindPackage");
        DriverPackageFile.PackSample(packages, "2.0.0");
        _nova = await FakeNova.StartNewAsync();
        var server = Guid.NewGuid();
        _nova.Place(server, hasHost: true);
        // It knows one server alone, so nobody is to ask it what became of the others.
        var nova = $"[nova]\nauth_type = none\nendpoint_override = {_nova.Endpoint}\norphan_check_interval = 0\n";
        var config = CyborgConfig.Parse([new ConfigSource("cyborg.conf", nova)], StandaloneRoom.Options)
            .With(ApiOptions.PortOption, 0)
            .With(SharedOptions.HostOption, "functional")
            .With(AgentOptions.EnabledDriversOption, ["fake_driver", "generic_driver"])
            .With(GenericOptions.EnabledBackendsOption, ["static"])
            .With(PackageOptions.SourceOption, packages)
            .With(AgentOptions.ImagePathOption, images);
        _room = await StandaloneRoom.StartAsync(
            config, Path.Combine(_folder, "data"), NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
        await _room.FirstReport.WaitAsync(TimeSpan.FromMinutes(3));
        await Settling.DevicesAreEnabledAsync(_room.Address);
        (Base, ImageUuid, Package, Server) = (_room.Address.ToString().TrimEnd('/'), Image.ToString(), DriverPackageFile.SampleId, server.ToString());
    }
}
