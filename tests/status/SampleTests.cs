using Cyborg.Agent;
using Cyborg.Api;
using Cyborg.Conductor;
using Cyborg.Executables;
using Cyborg.Hosting;

namespace Cyborg.Status.Tests;

/// <summary>etc/cyborg/cyborg.conf.sample is what the services declare; by it each service knows the others' options.</summary>
public sealed class SampleTests
{
    private const string Write = "CYBORG_WRITE_DOC";

    private static readonly string File = Path.Combine(Root(AppContext.BaseDirectory), "etc", "cyborg", "cyborg.conf.sample");

    private static IReadOnlyList<Option> All { get; } =
        [.. ServiceProcess.Options.Concat(ApiOptions.All).Concat(ConductorOptions.All).Concat(AgentOptions.All).DistinctBy(option => (option.Section, option.Name))];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_committed_sample_is_what_the_services_declare()
    {
        var declared = ConfigSample.Of(All);
        if (Environment.GetEnvironmentVariable(Write) is { Length: > 0 })
            await System.IO.File.WriteAllTextAsync(File, declared, Stop);
        Assert.True(
            declared == await System.IO.File.ReadAllTextAsync(File, Stop),
            $"etc/cyborg/cyborg.conf.sample is not what the services declare; write it anew with {Write}=1 dotnet test tests/status");
    }

    [Fact]
    public void Every_option_is_documented() => Assert.All(All, option =>
    {
        Assert.EndsWith(".", option.Help, StringComparison.Ordinal);
        Assert.True(option.Help.Length >= 12, $"[{option.Section}] {option.Name}: {option.Help}");
    });

    [Fact]
    public void Uncommented_the_sample_changes_nothing()
    {
        var lines = ConfigSample.Of(All).Split('\n')
            .Where(line => !line.EndsWith('>'))
            .Select(line => line.StartsWith('#') && !line.StartsWith("# ", StringComparison.Ordinal) && !line.StartsWith("#[", StringComparison.Ordinal) ? line[1..] : line)
            // Sections whose names are the operator's have no place in a file.
            .TakeWhile(line => !line.StartsWith("#[", StringComparison.Ordinal));
        var config = CyborgConfig.Parse([new ConfigSource("sample", string.Join('\n', lines))], All);
        Assert.Empty(config.Warnings);
        Assert.Empty(config.Notes);
        Assert.Empty(config.ChangedSince(CyborgConfig.Parse([], All)));
    }

    [Fact]
    public void What_the_sample_says_can_be_changed_without_a_restart_is_what_a_service_takes_over() => Assert.All(
        All, option => Assert.Equal(option == SharedOptions.DebugOption || AgentRoom.TakesOver(option), option.IsMutable));

    [Theory]
    [InlineData("cyborg-api", "#host_ip = 127.0.0.1", "enabled_drivers")]
    [InlineData("cyborg-conductor", "#save_interval = 1", "host_ip")]
    [InlineData("cyborg-agent", "#enabled_drivers = fake_driver", "host_ip")]
    public async Task A_service_prints_its_own_options_or_all(string program, string own, string other)
    {
        using var deployment = new Deployment();
        var part = await deployment.RunAsync(program, "config", "sample");
        Assert.Equal((0, ""), (part.Code, part.Error));
        Assert.Contains($"\n{own}\n", part.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(other, part.Output, StringComparison.Ordinal);
        Assert.Contains("\n#debug = false\n", part.Output, StringComparison.Ordinal);
        var all = await deployment.RunAsync(program, "config", "sample", "--all");
        Assert.Equal((0, await System.IO.File.ReadAllTextAsync(File, Stop)), (all.Code, all.Output));
    }

    private static string Root(string folder) =>
        System.IO.File.Exists(Path.Combine(folder, "Directory.Packages.props")) ? folder : Root(Path.GetDirectoryName(folder)!);
}
