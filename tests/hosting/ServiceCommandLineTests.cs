namespace Cyborg.Hosting.Tests;

public sealed class ServiceCommandLineTests : IDisposable
{
    private static readonly Option<int> Port = Options.Integer("api", "port", 6666, "Port to listen on.", 1, 65535);
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private CommandLineArguments? _seen;

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    private Task<int> Run(params string[] args) => new ServiceCommandLine("A service.")
        .Sets("--port", Port)
        .Takes("--data", "DIR", "Folder of the data.")
        .Runs((parsed, _) =>
        {
            _seen = parsed;
            return Task.FromResult(CyborgConfig.Load(parsed, [Port, .. SharedOptions.All]).Get(Port));
        })
        .Verb("check", "Checks.", (parsed, _) =>
        {
            _seen = parsed;
            return Task.FromResult(3);
        })
        .RunAsync(args, _output, _error);

    [Fact]
    public async Task Oslos_flags_are_read()
    {
        await Run("--config-file", "/a", "--config-file=/b", "--config-dir", "/c", "--debug");
        Assert.Equal(["/a", "/b"], _seen!.ConfigFiles);
        Assert.Equal(["/c"], _seen.ConfigDirectories);
        Assert.True(_seen.Debug);
    }

    [Fact]
    public async Task Flags_of_the_service_set_options_or_are_handed_on()
    {
        await Run("--port", "7777", "--data", "/d");
        Assert.Equal("/d", _seen!.Values["--data"]);
        Assert.Equal(["--port"], _seen.Settings.Select(setting => setting.Flag));
    }

    [Fact]
    public async Task A_verb_is_run_with_the_shared_flags()
    {
        Assert.Equal(3, await Run("check", "--config-file", "/a"));
        Assert.Equal(["/a"], _seen!.ConfigFiles);
    }

    [Fact]
    public async Task A_fault_of_the_configuration_is_told_and_ends_the_service()
    {
        Assert.Equal(1, await Run("--config-file", "/nonexistent/cyborg.conf"));
        Assert.Equal("/nonexistent/cyborg.conf: cannot read the configuration file: it does not exist\n", _error.ToString());
    }

    [Fact]
    public async Task A_bad_flag_value_is_told_with_its_flag()
    {
        Assert.Equal(1, await Run("--port", "70000"));
        Assert.Equal("--port: '70000' is out of bounds; write a whole number from 1 to 65535\n", _error.ToString());
    }

    [Theory]
    [InlineData("--nonsense")]
    [InlineData("surplus")]
    [InlineData("--port")]
    public async Task A_bad_command_line_does_not_start_the_service(string argument)
    {
        Assert.Equal(1, await Run(argument));
        Assert.Null(_seen);
        Assert.NotEmpty(_error.ToString());
    }

    [Fact]
    public async Task Help_names_every_flag_and_verb()
    {
        Assert.Equal(0, await Run("--help"));
        Assert.All(["--config-file", "--config-dir", "--debug", "--port", "--data", "check"], text => Assert.Contains(text, _output.ToString()));
        Assert.Null(_seen);
    }
}
