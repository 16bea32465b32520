using System.Net;
using Cyborg.Api.Health;
using Cyborg.Hosting;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;

namespace Cyborg.Api.Tests;

/// <summary><c>/healthcheck</c> as oslo.middleware's options shape it, and <c>/metrics</c> on the API's own port.</summary>
public sealed class HealthTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_the_backends_that_are_wanted_are_checked()
    {
        await using var service = await ScriptedService.StartAsync(_ => { }, config => config.With(HealthSettings.BackendsOption, []).With(HealthSettings.DetailedOption, true));
        var text = await GetAsync(service, "text/plain");
        Assert.StartsWith("version: ", text.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("bus", text.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FaultCode.DeviceNotFound, 200)]
    [InlineData(FaultCode.Unavailable, 503)]
    public async Task A_conductor_that_does_not_serve_makes_the_check_fail_where_it_is_wanted(FaultCode answer, int status)
    {
        var time = new ManualTime();
        await using var service = await ScriptedService.StartAsync(
            conductor => conductor.Map(Verbs.ShowDevice, (_, _, _) => Task.FromException<Device>(new FaultException(answer, "words of the inside"))),
            config => config.With(HealthSettings.BackendsOption, ["bus", "conductor"]),
            // However long the conductor takes, it is not what is not heard of in time.
            new HealthRegistry(time), time);
        var (code, body) = await GetAsync(service, "text/plain");
        Assert.Equal(status, (int)code);
        Assert.DoesNotContain("inside", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_takes_the_service_out_for_all_ports_or_for_one()
    {
        var file = Path.GetTempFileName();
        try
        {
            await using var all = await ScriptedService.StartAsync(_ => { }, config => config.With(HealthSettings.DisableFileOption, file));
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "disable_by_file: DISABLED BY FILE"), await GetAsync(all, "text/plain"));
            await using var other = await ScriptedService.StartAsync(_ => { }, config => config.With(HealthSettings.DisableFilesOption, [$"1:{file}"]));
            Assert.Equal((HttpStatusCode.OK, "OK"), await GetAsync(other, "text/plain"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task From_elsewhere_or_through_a_proxy_there_is_no_such_path()
    {
        await using var elsewhere = await ScriptedService.StartAsync(_ => { }, config => config.With(HealthSettings.SourcesOption, ["192.0.2.0/24"]));
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(elsewhere, "text/plain")).Status);
        await using var direct = await ScriptedService.StartAsync(_ => { }, config => config.With(HealthSettings.IgnoreProxiedOption, true));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(direct, "text/plain")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(direct, "text/plain", "X-Forwarded-For")).Status);
    }

    [Fact]
    public void Faults_of_the_section_are_told_together()
    {
        var config = CyborgConfig.Parse(
            [new ConfigSource("cyborg.conf", "[healthcheck]\nbackends = bus, moon\nallowed_source_ranges = here\ndisable_by_file_paths = /etc/x\n")], ApiOptions.All)
            .With(ApiOptions.AuthStrategyOption, ApiOptions.NoAuth);
        var fault = Assert.Throws<ConfigException>(() => ApiOptions.From(config));
        Assert.Equal(3, fault.Faults.Count);
        Assert.Contains(fault.Faults, line => line.Contains("moon", StringComparison.Ordinal) && line.Contains("keystone", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metrics_are_served_to_this_machine_and_not_through_a_proxy()
    {
        await using var service = await ScriptedService.StartAsync(_ => { });
        using var answer = await service.Client.GetAsync("/metrics", Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("target_info", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        using var proxied = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        proxied.Headers.Add("X-Forwarded-For", "127.0.0.1");
        using var refused = await service.Client.SendAsync(proxied, Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
    }

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(ScriptedService service, string accept, string? header = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/healthcheck");
        request.Headers.Add("Accept", accept);
        if (header is not null)
            request.Headers.Add(header, "198.51.100.7");
        using var answer = await service.Client.SendAsync(request, Cancellation);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }
}
