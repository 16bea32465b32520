using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Cyborg.Agent;
using Cyborg.Agent.Accelerators;
using Cyborg.Agent.Packages;
using Cyborg.Api;
using Cyborg.Hosting;
using Cyborg.Standalone;
using Cyborg.TestServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.ApiRef.Tests;

/// <summary>The samples, sent to a running service in the order of walk.yaml and compared with what it answers.</summary>
public sealed class SampleTests : IAsyncLifetime
{
    private const string SampleBase = "http://controller:6666";
    // The image of deployable-program-req.json.
    private const string Image = "5e45a2ea-5364-4b0d-a252-bf8becaa606e";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly string Samples = Path.Combine(AppContext.BaseDirectory, "api-ref", "samples");

    private readonly string _folder = Directory.CreateTempSubdirectory("cyborg-apiref-").FullName;
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private StandaloneRoom? _room;

    [Fact]
    public async Task Every_sample_is_sent_and_answered_as_it_stands()
    {
        var address = _room!.Address.ToString().TrimEnd('/');
        var twins = new Twins(SampleBase, address);
        var walk = YamlText.Load(Path.Combine(Samples, "walk.yaml"))["steps"]!.AsArray();
        foreach (var step in walk.Select(step => step!.AsObject()))
        {
            var wrongs = await PlayAsync(step, address, twins);
            Assert.True(wrongs.Count == 0, $"{step["name"]}: {string.Join('\n', wrongs)}");
        }
        var sent = walk.Select(step => step!["sample"]?.ToString()).OfType<string>().ToHashSet();
        var files = Directory.GetFiles(Samples, "*.json").Select(path => Path.GetFileNameWithoutExtension(path)!);
        Assert.Empty(files.Select(name => name[..name.LastIndexOf('-')]).Distinct().Except(sent));
    }

    [Fact]
    public void Every_sample_is_shown_in_the_reference_and_is_as_its_schema_says()
    {
        var contract = new Contract();
        var shown = new HashSet<string>();
        foreach (var operation in contract.Reference.Operations)
        {
            var version = operation.Path.StartsWith("/v1", StringComparison.Ordinal) ? "1.1" : "2.3";
            foreach (var content in Contents(contract.Reference, operation).Where(content => content["examples"] is not null))
            {
                foreach (var path in content["examples"]!.AsObject().Select(example => example.Value!["externalValue"]!.ToString()))
                {
                    shown.Add(Path.GetFileName(path));
                    var sample = JsonNode.Parse(File.ReadAllText(Path.Combine(Samples, Path.GetFileName(path))));
                    // A sample in an older version lacks what is newer.
                    var wrongs = new[] { version, version[..2] + "0" }
                        .Select(one => Schemas.Of(contract.Reference, one).Wrongs(content["schema"]!, sample, new HashSet<string>()).ToList()).ToList();
                    Assert.True(wrongs.Any(list => list.Count == 0), $"{operation}: {path}: {string.Join('\n', wrongs[0])}");
                }
            }
        }
        Assert.Equal(Directory.GetFiles(Samples, "*.json").Select(path => Path.GetFileName(path)!).Order(), shown.Order());
    }

    public async ValueTask InitializeAsync()
    {
        var images = Directory.CreateDirectory(Path.Combine(_folder, "images")).FullName;
        await File.WriteAllTextAsync(Path.Combine(images, Image), "bits");
        var packages = Directory.CreateDirectory(Path.Combine(_folder, "packages")).FullName;
        DriverPackageFile.PackSample(packages, "1.0.0");
        DriverPackageFile.PackSample(packages, "2.0.0");
        var config = CyborgConfig.Parse([], StandaloneRoom.Options)
            .With(ApiOptions.PortOption, 0)
            .With(SharedOptions.HostOption, "devstack")
            .With(AgentOptions.EnabledDriversOption, ["fake_driver", "generic_driver"])
            .With(GenericOptions.EnabledBackendsOption, ["static"])
            // A machine that stands still for a while makes no device ill.
            .With(ProbeOptions.TimeoutOption, 600)
            .With(PackageOptions.SourceOption, packages)
            .With(AgentOptions.ImagePathOption, images);
        _room = await StandaloneRoom.StartAsync(
            config, Path.Combine(_folder, "data"), NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
        await _room.FirstReport.WaitAsync(Patience);
        await Settling.DevicesAreEnabledAsync(_room.Address);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_room is not null)
            await _room.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<IReadOnlyList<string>> PlayAsync(JsonObject step, string address, Twins twins)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (true)
        {
            using var request = Request(step, address, twins);
            using var answer = await _client.SendAsync(request, patience.Token);
            var body = await answer.Content.ReadAsStringAsync(patience.Token);
            if (answer.IsSuccessStatusCode && step["until"] is JsonObject until && until.Any(wish => !JsonNode.DeepEquals(wish.Value, JsonNode.Parse(body)![wish.Key])))
                continue;
            if (step["while"]?.GetValue<long>() == (int)answer.StatusCode)
                continue;
            var status = (HttpStatusCode)(step["status"]?.GetValue<long>() ?? 200);
            if (answer.StatusCode != status)
                return [$"expected {status}, got {answer.StatusCode}: {body}"];
            return Path.Combine(Samples, $"{step["sample"]}-resp.json") is var path && File.Exists(path)
                ? [.. twins.Differences(JsonNode.Parse(await File.ReadAllTextAsync(path, patience.Token)), JsonNode.Parse(body))]
                : [];
        }
    }

    private static HttpRequestMessage Request(JsonObject step, string address, Twins twins)
    {
        var request = new HttpRequestMessage(new HttpMethod(step["method"]?.ToString() ?? "GET"), address + twins.ToActual(step["url"]!.ToString()));
        request.Headers.Add("Accept", "application/json");
        if (step["version"] is { } version)
            request.Headers.Add("OpenStack-API-Version", $"accelerator {version}");
        if (Path.Combine(Samples, $"{step["sample"]}-req.json") is var path && File.Exists(path))
            request.Content = new StringContent(twins.ToActual(File.ReadAllText(path)), Encoding.UTF8, "application/json");
        return request;
    }

    private static IEnumerable<JsonNode> Contents(Reference reference, Operation operation) =>
        operation.Node["responses"]!.AsObject().Select(response => reference.Resolve(response.Value!)["content"])
            .Append(operation.Node["requestBody"]?["content"])
            .Select(content => content?["application/json"]).OfType<JsonNode>();
}
