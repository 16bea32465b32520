using System.Diagnostics;
using Cyborg.TestServers;

namespace Cyborg.Standalone.Tests;

public sealed class SdkTests(ITestOutputHelper output)
{
    private const string Python = "/usr/bin/python3";

    private static readonly string[] Methods =
    [
        "devices", "get_device", "deployables", "get_deployable", "create_device_profile", "device_profiles", "get_device_profile",
        "create_accelerator_request", "accelerator_requests", "get_accelerator_request", "update_accelerator_request",
        "delete_accelerator_request", "delete_device_profile",
    ];

    [Fact]
    public async Task Openstacksdk_runs_every_method_that_works_in_the_client()
    {
        if (!File.Exists("/usr/lib/python3/dist-packages/openstack/__init__.py"))
            Servers.Missing("openstacksdk", "python3-openstacksdk");
        using var data = new TemporaryFolder();
        await using var cyborg = await StandaloneProcess.StartAsync(data.Path);
        await Settling.DevicesAreEnabledAsync(cyborg.Address);
        var stop = TestContext.Current.CancellationToken;
        using var sdk = Process.Start(new ProcessStartInfo(
            Python, [Path.Combine(AppContext.BaseDirectory, "sdk_walk.py"), new Uri(cyborg.Address, "v2").ToString(), Path.Combine(data.Path, "images")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (text, errors) = (sdk.StandardOutput.ReadToEndAsync(stop), sdk.StandardError.ReadToEndAsync(stop));
        await sdk.WaitForExitAsync(stop);
        output.WriteLine(await text);
        Assert.True(sdk.ExitCode == 0, await errors + cyborg.Text);
        var seen = (await text).Split('\n').Where(line => line.StartsWith("ok ", StringComparison.Ordinal)).Select(line => line[3..]);
        Assert.Empty(Methods.Except(seen));
    }
}
