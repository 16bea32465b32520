using System.Reflection;
using System.Text;
using Cyborg.Api;
using Cyborg.Hosting;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.ApiRef.Tests;

/// <summary>Asks for each operation while there is no conductor, and while its conductor says that something has failed: the statuses from 500 on. And what only
/// a conductor with silent hosts, or a service in trouble, shows.</summary>
internal static class Troubles
{
    private static readonly Dictionary<int, FaultCode> Codes = new()
    {
        [500] = FaultCode.Internal,
        [502] = FaultCode.BackendFailed,
        [503] = FaultCode.Unavailable,
        [504] = FaultCode.StillGoingOn,
    };

    private static AcceleratorRequest Unresolved { get; } = new()
    {
        Uuid = Guid.NewGuid(),
        State = ArqState.BindStarted,
        DeviceProfileName = "a",
        DeviceProfileGroupId = 0,
        CreatedAt = DateTimeOffset.UnixEpoch,
    };

    public static async Task AskAsync(Reference reference, List<Exchange> exchanges)
    {
        foreach (var (status, code) in Codes)
        {
            await using var service = await StartAsync(conductor => FailAll(conductor, code));
            var listed = reference.Operations.Where(operation => operation.Tag != "Operations" && operation.Node["responses"]![$"{status}"] is not null);
            foreach (var operation in listed)
                await SendAsync(service, operation, exchanges);
        }
        await using (var silent = await StartAsync(conductor => conductor.Map(
            Verbs.DiscoverServices, (_, _, _) => Task.FromResult(new ServiceList([], [new SilentHost("compute-2", "It did not answer in time.")])))))
            await SendAsync(silent, reference.Operations.Single(operation => operation.Id == "discoverServices"), exchanges);
        await using (var slow = await StartAsync(conductor => conductor.Map(Verbs.ListArqs, (_, _, _) => Task.FromResult(new ArqList([Unresolved])))))
            await SendAsync(slow, reference.Operations.Single(operation => operation.Id == "listAcceleratorRequests"), exchanges, query: $"?instance={Guid.NewGuid()}&bind_state=resolved");
        await HealthAsync(reference, exchanges);
    }

    /// <summary>An address of the operation, of things that do not exist.</summary>
    public static string UrlOf(Operation operation)
    {
        var parts = operation.Path.Split('/').Select(part => part switch
        {
            "{acc_spec}" => "device_type",
            "{id}" when operation.Tag == "Drivers" => "nobody",
            ['{', ..] => "5e45a2ea-5364-4b0d-a252-bf8becaa606e",
            _ => part,
        });
        return string.Join('/', parts);
    }

    private static async Task HealthAsync(Reference reference, List<Exchange> exchanges)
    {
        var health = reference.Operations.Where(operation => operation.Path == "/healthcheck").ToList();
        var off = Path.GetTempFileName();
        await using (var detailed = await StartAsync(_ => { }, "[healthcheck]\ndetailed = true\n"))
            await SendAsync(detailed, health[0], exchanges);
        await using (var plain = await StartAsync(_ => { }))
        {
            await SendAsync(plain, health[0], exchanges, accept: "text/plain");
            await SendAsync(plain, reference.Operations.Single(operation => operation.Path == "/metrics"), exchanges, accept: "text/plain");
        }
        await using (var disabled = await StartAsync(_ => { }, $"[healthcheck]\nbackends = disable_by_file\ndisable_by_file_path = {off}\n"))
        {
            foreach (var operation in health)
                await SendAsync(disabled, operation, exchanges);
        }
        File.Delete(off);
    }

    private static async Task SendAsync(Scripted service, Operation operation, List<Exchange> exchanges, string accept = "application/json", string? query = null)
    {
        using var client = new HttpClient(new Recorder(exchanges)) { BaseAddress = service.Address };
        using var request = new HttpRequestMessage(new HttpMethod(operation.Method), UrlOf(operation) + (query ?? Query(operation)));
        request.Headers.Add("Accept", accept);
        request.Headers.Add("OpenStack-API-Version", operation.Path.StartsWith("/v1", StringComparison.Ordinal) ? "accelerator 1.1" : "accelerator latest");
        if (operation.Node["requestBody"]?["content"]!["application/json"]!["examples"] is { } examples)
        {
            var sample = examples.AsObject().First().Value!["externalValue"]!.ToString();
            var text = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "api-ref", sample));
            request.Content = new StringContent(WithoutUuid(text, operation), Encoding.UTF8, "application/json");
        }
        using var answer = await client.SendAsync(request);
    }

    // The samples are of other things than the address.
    private static string WithoutUuid(string body, Operation operation) =>
        operation.Id == "createAcceleratorWithUuid" ? """{"name": "another"}""" : body;

    private static string Query(Operation operation) => operation.Id switch
    {
        "deleteNamedAttribute" => "?uuid=5e45a2ea-5364-4b0d-a252-bf8becaa606e",
        "deleteDeviceProfiles" => "?value=a",
        "deleteAcceleratorRequests" => "?arqs=5e45a2ea-5364-4b0d-a252-bf8becaa606e",
        _ => "",
    };

    private static void FailAll(BusServer conductor, FaultCode code)
    {
        var map = typeof(Troubles).GetMethod(nameof(Fail), BindingFlags.NonPublic | BindingFlags.Static)!;
        foreach (var verb in typeof(Verbs).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.GetValue(null)).OfType<Verb>())
        {
            if (verb.Target == VerbTarget.Conductor)
                map.MakeGenericMethod(verb.GetType().GetGenericArguments()).Invoke(null, [conductor, verb, code]);
        }
    }

    private static void Fail<TRequest, TReply>(BusServer conductor, Verb<TRequest, TReply> verb, FaultCode code) =>
        conductor.Map(verb, (_, _, _) => Task.FromException<TReply>(new FaultException(code, "It was to fail.")));

    private static async Task<Scripted> StartAsync(Action<BusServer> script, string lines = "")
    {
        var hub = new InProcessBus();
        var conductor = new BusServer(hub.Connect(), new BusOptions(), NullLoggerFactory.Instance, TimeProvider.System);
        script(conductor);
        await conductor.StartAsync(CancellationToken.None);
        var config = CyborgConfig.Parse([new ConfigSource("cyborg.conf", lines)], ApiOptions.All)
            .With(ApiOptions.PortOption, 0).With(ApiOptions.AuthStrategyOption, ApiOptions.NoAuth);
        var api = ApiRoom.Build(config, hub.Connect(), NullLoggerFactory.Instance);
        await api.StartAsync();
        return new Scripted(api, conductor);
    }

    private sealed record Scripted(WebApplication Api, BusServer Conductor) : IAsyncDisposable
    {
        public Uri Address => new(Api.Urls.Single());

        public async ValueTask DisposeAsync()
        {
            await Api.DisposeAsync();
            await Conductor.DisposeAsync();
        }
    }
}
