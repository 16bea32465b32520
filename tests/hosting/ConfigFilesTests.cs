namespace Cyborg.Hosting.Tests;

public sealed class ConfigFilesTests : IDisposable
{
    private static readonly Option<string> A = Options.String("s", "a", "", "A.");
    private static readonly Option<int> B = Options.Integer("s", "b", 0, "B.");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cyborg-hosting-");

    public void Dispose() => _folder.Delete(recursive: true);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    private static CommandLineArguments Files(params string[] files) => new() { ConfigFiles = files };

    [Fact]
    public void Later_files_win_and_directories_come_last_sorted()
    {
        var first = Write("1.conf", "[s]\na = first\nb = 1");
        var second = Write("2.conf", "[s]\na = second");
        Write("d/20.conf", "[s]\na = dir20");
        Write("d/10.conf", "[s]\na = dir10");
        Write("d/90.conf.bak", "[s]\na = no");
        Assert.Equal("second", CyborgConfig.Load(Files(first, second), [A, B]).Get(A));
        var all = CyborgConfig.Load(Files(first, second) with { ConfigDirectories = [Path.Combine(_folder.FullName, "d")] }, [A, B]);
        Assert.Equal("dir20", all.Get(A));
        Assert.Equal(1, all.Get(B));
    }

    [Fact]
    public void All_files_that_cannot_be_read_are_told_at_once()
    {
        var missing = Path.Combine(_folder.FullName, "missing.conf");
        var binary = Path.Combine(_folder.FullName, "binary.conf");
        File.WriteAllBytes(binary, [0xff, 0xfe, 0xfd]);
        var args = Files(missing, _folder.FullName, binary, "") with { ConfigDirectories = [missing] };
        var faults = Assert.Throws<ConfigException>(() => CyborgConfig.Load(args, [])).Faults;
        Assert.Equal(5, faults.Count);
        Assert.Equal($"{missing}: cannot read the configuration directory: it does not exist", faults[0]);
        Assert.Equal($"{missing}: cannot read the configuration file: it does not exist", faults[1]);
        Assert.Contains("it is a directory", faults[2]);
        Assert.Contains("it is not UTF-8 text", faults[3]);
    }

    [Fact]
    public void The_default_file_is_read_only_when_it_exists_and_none_is_named()
    {
        var standard = Write("cyborg.conf", "[s]\na = default");
        var other = Write("other.conf", "[s]\na = other");
        Assert.Equal(standard, Assert.Single(ConfigFiles.Read(CommandLineArguments.None, standard)).Path);
        Assert.Equal(other, Assert.Single(ConfigFiles.Read(Files(other), standard)).Path);
        Assert.Empty(ConfigFiles.Read(CommandLineArguments.None, standard + ".not"));
    }

    [Fact]
    public void A_file_that_never_ends_is_refused()
    {
        Assert.SkipUnless(File.Exists("/dev/zero"), "no /dev/zero");
        Assert.Throws<ConfigException>(() => CyborgConfig.Load(Files("/dev/zero"), []));
    }

    [Fact]
    public void The_command_line_wins_over_files()
    {
        var args = Files(Write("1.conf", "[DEFAULT]\ndebug = false\n[s]\nb = 1")) with { Debug = true, Settings = [new("--b", B, "2")] };
        var config = CyborgConfig.Load(args, [B, .. SharedOptions.All]);
        Assert.Equal(2, config.Get(B));
        Assert.True(config.Get(SharedOptions.DebugOption));
    }

    [Fact]
    public void A_bad_value_on_the_command_line_is_told_with_its_flag()
    {
        var args = CommandLineArguments.None with { Settings = [new("--b", B, "x"), new("--c", B, "y")] };
        Assert.Equal(
            ["--b: 'x' is not an integer; write a whole number", "--c: 'y' is not an integer; write a whole number"],
            Assert.Throws<ConfigException>(() => CyborgConfig.Load(args, [B])).Faults);
    }
}
