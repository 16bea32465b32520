using Cyborg.Conductor.Nova;
using Cyborg.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.E2E.Tests;

/// <summary>The conductor's own client of Nova, with the real one.</summary>
public sealed class ServerActionTests(FernetCloud cloud) : NovaTest(cloud)
{
    [Fact]
    public async Task A_Nova_without_the_actions_for_accelerators_says_so()
    {
        var server = await BootAsync();
        await server.WaitAsync(Stop, "ACTIVE");
        var config = CyborgConfig.Parse([new ConfigSource("cyborg.conf", Cloud.Services.ConductorConfiguration)], NovaOptions.All);
        using var nova = NovaEndpoint.Open(NovaOptions.From(config), NullLoggerFactory.Instance, TimeProvider.System)!;
        var actions = new NovaServerActions(nova);
        foreach (var result in (ServerActionResult[])
            [await actions.AttachAsync(Guid.Parse(server.Id), Guid.NewGuid(), Stop), await actions.DetachAsync(Guid.Parse(server.Id), Guid.NewGuid(), Stop)])
            Assert.True(result.Outcome == ServerActionOutcome.NotSupported, $"{result}");
    }
}
