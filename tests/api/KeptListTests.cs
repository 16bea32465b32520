using System.Net;
using System.Net.Http.Headers;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Api.Tests;

public sealed class KeptListTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_list_that_has_not_changed_is_not_asked_for_again()
    {
        var conductor = new CountingConductor();
        await using var service = await ScriptedService.StartAsync(conductor.Map);
        var first = await service.Client.GetStringAsync("/v2/devices", Cancellation);
        Assert.Equal(first, await service.Client.GetStringAsync("/v2/devices", Cancellation));
        Assert.Equal((1, 2), (conductor.Lists, conductor.Checks));
    }

    [Fact]
    public async Task A_list_that_has_changed_is_asked_for_again()
    {
        var conductor = new CountingConductor();
        await using var service = await ScriptedService.StartAsync(conductor.Map);
        await service.Client.GetStringAsync("/v2/devices", Cancellation);
        conductor.Add();
        Assert.Contains(CountingConductor.Name(1), await service.Client.GetStringAsync("/v2/devices", Cancellation), StringComparison.Ordinal);
        Assert.Equal(2, conductor.Lists);
    }

    [Fact]
    public async Task A_database_that_was_put_back_is_asked_again()
    {
        var conductor = new CountingConductor();
        await using var service = await ScriptedService.StartAsync(conductor.Map);
        conductor.Add();
        await service.Client.GetStringAsync("/v2/devices", Cancellation);
        conductor.Revision--;
        await service.Client.GetStringAsync("/v2/devices", Cancellation);
        Assert.Equal(2, conductor.Lists);
    }

    [Theory]
    [InlineData("/v2/devices?vendor=1", null, "other.example")]
    [InlineData("/v2/devices", "accelerator 2.3", "other.example")]
    [InlineData("/v2/devices", null, "third.example")]
    public async Task Another_query_version_or_address_is_another_list(string path, string? version, string host)
    {
        var conductor = new CountingConductor();
        await using var service = await ScriptedService.StartAsync(conductor.Map);
        await AskAsync(service, "/v2/devices", null, "other.example");
        await AskAsync(service, path, version, host);
        Assert.Equal(2, conductor.Lists);
    }

    [Fact]
    public async Task Who_has_the_list_is_told_so()
    {
        var conductor = new CountingConductor();
        await using var service = await ScriptedService.StartAsync(conductor.Map);
        using var first = await service.Client.GetAsync("/v2/devices", Cancellation);
        var tag = first.Headers.ETag!;
        Assert.False(tag.IsWeak);
        using var again = await AskAsync(service, tag);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Equal(tag, again.Headers.ETag);
        Assert.Empty(await again.Content.ReadAsByteArrayAsync(Cancellation));
        conductor.Add();
        using var changed = await AskAsync(service, tag);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.NotEqual(tag, changed.Headers.ETag);
    }

    [Fact]
    public async Task Many_who_wait_share_a_check_and_none_gets_a_list_older_than_its_question()
    {
        var conductor = new CountingConductor();
        await using var service = await ScriptedService.StartAsync(conductor.Map);
        await service.Client.GetStringAsync("/v2/devices", Cancellation);
        conductor.Hold = new TaskCompletionSource();
        var early = service.Client.GetStringAsync("/v2/devices", Cancellation);
        await conductor.Held.Task.WaitAsync(Cancellation);
        var before = conductor.Checks;
        conductor.Add();
        var late = Enumerable.Range(0, 50).Select(_ => service.Client.GetStringAsync("/v2/devices", Cancellation)).ToList();
        conductor.Hold.SetResult();
        await early;
        foreach (var answer in await Task.WhenAll(late))
            Assert.Contains(CountingConductor.Name(1), answer, StringComparison.Ordinal);
        Assert.InRange(conductor.Checks - before, 1, 50);
        // Requests may come in several waves; but one list is loaded once for all of a wave.
        Assert.InRange(conductor.Lists, 2, 1 + conductor.Checks - before);
    }

    [Fact]
    public async Task Without_a_conductor_a_kept_list_is_not_answered()
    {
        var conductor = new CountingConductor();
        await using var service = await ScriptedService.StartAsync(conductor.Map);
        await service.Client.GetStringAsync("/v2/devices", Cancellation);
        conductor.IsAway = true;
        using var answer = await service.Client.GetAsync("/v2/devices", Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    private static Task<HttpResponseMessage> AskAsync(ScriptedService service, EntityTagHeaderValue tag)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/v2/devices");
        request.Headers.IfNoneMatch.Add(tag);
        return service.Client.SendAsync(request, Cancellation);
    }

    private static async Task AskAsync(ScriptedService service, string path, string? version, string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = host;
        if (version is not null)
            request.Headers.Add("OpenStack-API-Version", version);
        using var answer = await service.Client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    /// <summary>Has some devices, and counts what it is asked.</summary>
    private sealed class CountingConductor
    {
        private int _checks;
        private int _lists;
        private int _devices = 1;

        public int Checks => _checks;
        public int Lists => _lists;
        public long Revision { get; set; } = 1;
        public bool IsAway { get; set; }

        /// <summary>If set, the next check waits for it, and then answers what it had found before.</summary>
        public TaskCompletionSource? Hold { get; set; }
        public TaskCompletionSource Held { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public static string Name(int number) => $"host-{number}";

        public void Add()
        {
            _devices++;
            Revision++;
        }

        public void Map(BusServer server)
        {
            server.Map(Verbs.ReadRevision, async (_, _, _) =>
            {
                Interlocked.Increment(ref _checks);
                Refuse();
                var found = Revision;
                if (Hold is { Task.IsCompleted: false } hold && Held.TrySetResult())
                    await hold.Task;
                return new Revision(found);
            });
            server.Map(Verbs.ListDevices, (_, _, _) =>
            {
                Interlocked.Increment(ref _lists);
                Refuse();
                return Task.FromResult(new DeviceList([.. Enumerable.Range(0, _devices).Select(Device)]) { Revision = Revision });
            });
        }

        private void Refuse()
        {
            if (IsAway)
                throw new FaultException(FaultCode.Unavailable, "The database can not be reached.");
        }

        private static Device Device(int number) => new()
        {
            Id = number + 1,
            Uuid = Guid.NewGuid(),
            Type = DeviceType.GPU,
            Vendor = "1",
            Model = "m",
            Hostname = Name(number),
            State = DeviceState.Ready,
            CreatedAt = DateTimeOffset.UnixEpoch,
        };
    }
}
