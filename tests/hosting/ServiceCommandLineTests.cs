namespace Cyborg.Hosting.Tests;

public sealed class ServiceCommandLineTests : IDisposable
{
    private static readonly Option<int> Port = Options.Integer("api", "port", 6666, "Port to listen on.", 1, 65535);
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();
    private CommandLineArguments? seen;

    public void Dispose()
    {
        output.Dispose();
        error.Dispose();
    }

    private Task<int> Run(params string[] args) => new ServiceCommandLine("A service.")
        .Sets("--port", Port)
        .Takes("--data", "DIR", "Folder of the data.")
        .Runs((parsed, _) =>
        {
            seen = parsed;
            return Task.FromResult(CyborgConfig.Load(parsed, [Port, .. SharedOptions.All]).Get(Port));
        })
        .Verb("check", "Checks.", (parsed, _) =>
        {
            seen = parsed;
            return Task.FromResult(3);
        })
        .RunAsync(args, output, error);

    [Fact]
    public async Task Oslos_flags_are_read()
    {
        await Run("--config-file", "/a", "--config-file=/b", "--config-dir", "/c", "--debug");
        Assert.Equal(["/a", "/b"], seen!.ConfigFiles);
        Assert.Equal(["/c"], seen.ConfigDirectories);
        Assert.True(seen.Debug);
    }

    [Fact]
    public async Task Flags_of_the_service_set_options_or_are_handed_on()
    {
        await Run("--port", "7777", "--data", "/d");
        Assert.Equal("/d", seen!.Values["--data"]);
        Assert.Equal(["--port"], seen.Settings.Select(setting => setting.Flag));
    }

    [Fact]
    public async Task A_verb_is_run_with_the_shared_flags()
    {
        Assert.Equal(3, await Run("check", "--config-file", "/a"));
        Assert.Equal(["/a"], seen!.ConfigFiles);
    }

    [Fact]
    public async Task A_fault_of_the_configuration_is_told_and_ends_the_service()
    {
        Assert.Equal(1, await Run("--config-file", "/nonexistent/cyborg.conf"));
        Assert.Equal("/nonexistent/cyborg.conf: cannot read the configuration file: it does not exist\n", error.ToString());
    }

    [Fact]
    public async Task A_bad_flag_value_is_told_with_its_flag()
    {
        Assert.Equal(1, await Run("--port", "70000"));
        Assert.Equal("--port: '70000' is out of bounds; write a whole number from 1 to 65535\n", error.ToString());
    }

    [Theory]
    [InlineData("--nonsense")]
    [InlineData("surplus")]
    [InlineData("--port")]
    public async Task A_bad_command_line_does_not_start_the_service(string argument)
    {
        Assert.Equal(1, await Run(argument));
        Assert.Null(seen);
        Assert.NotEmpty(error.ToString());
    }

    [Fact]
    public async Task Help_names_every_flag_and_verb()
    {
        Assert.Equal(0, await Run("--help"));
        Assert.All(["--config-file", "--config-dir", "--debug", "--port", "--data", "check"], text => Assert.Contains(text, output.ToString()));
        Assert.Null(seen);
    }
}
