using System.Formats.Tar;
using System.Text.Json.Nodes;
using Cyborg.Agent.Packages;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.TestServers;

namespace Cyborg.Agent.Tests;

/// <summary>Packages that are not what they should be: each is refused with a reason, and leaves nothing on the disk.</summary>
public sealed class HostilePackageTests : IAsyncDisposable
{
    private const string Id = DriverPackageFile.SampleId;

    private readonly Stage _stage = new();
    private readonly string _source;

    public HostilePackageTests() => _source = Directory.CreateDirectory(Path.Combine(_stage.Folder, "depot")).FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    public static TheoryData<string> BadNames => ["../evil", "/etc/evil", "a/../../evil", "a/./b", "a//b", "..", "a\\b", "a b", "a/b/c/d/e/f/g/h/i", "évil"];

    [Theory]
    [MemberData(nameof(BadNames))]
    public async Task A_path_that_leaves_the_package_is_refused(string name)
    {
        DriverPackageFile.PackSample(_source, "1.0.0", add: tar => DriverPackageFile.Add(tar, name, [1]));
        await RefusedAsync("path is not plain names");
        Assert.Empty(Directory.EnumerateFiles(_stage.Folder, "*evil*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData(TarEntryType.SymbolicLink)]
    [InlineData(TarEntryType.HardLink)]
    [InlineData(TarEntryType.Fifo)]
    [InlineData(TarEntryType.CharacterDevice)]
    public async Task What_is_no_plain_file_is_refused(TarEntryType type)
    {
        DriverPackageFile.PackSample(_source, "1.0.0", add: tar =>
        {
            var entry = new PaxTarEntry(type, "thing");
            if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink)
                entry.LinkName = "/etc/passwd";
            tar.WriteEntry(entry);
        });
        await RefusedAsync("neither a plain file nor a folder");
    }

    public static TheoryData<string, string, string> BadManifests => new()
    {
        { "contract", "2", "version 2 of the driver contract" },
        { "id", "\"other_driver\"", "says that it is other_driver 1.0.0" },
        { "id", "\"../x\"", "whose id is not" },
        { "version", "\"1.0.1\"", "says that it is sample_driver 1.0.1" },
        { "version", "\"../../x\"", "whose version is not" },
        { "assembly", "\"../x.dll\"", "whose assembly is none of its files" },
        { "assembly", "\"manifest.json\"", "whose assembly is none of its files" },
        { "assembly", "7", "is no manifest" },
        { "assembly", "null", "is no manifest" },
        { "files", "{}", "with 0 files" },
        { "files", """{"../../etc/passwd": "00"}""", "names a file outside" },
        { "files", """{"Cyborg.SamplePackage.dll": "00"}""", "without a SHA-256" },
        { "files", """{"Cyborg.SamplePackage.dll": "0000000000000000000000000000000000000000000000000000000000000000"}""", "whose checksum is not that" },
        { "type", "\"\"", "without a type" },
        { "type", "\"System.Object\"", "has no type System.Object" },
    };

    [Theory]
    [MemberData(nameof(BadManifests))]
    public async Task A_manifest_that_is_not_right_is_refused(string key, string value, string why)
    {
        DriverPackageFile.PackSample(_source, "1.0.0", change: manifest => manifest[key] = JsonNode.Parse(value));
        await RefusedAsync(why);
    }

    [Fact]
    public async Task A_manifest_without_one_of_its_parts_is_refused()
    {
        DriverPackageFile.PackSample(_source, "1.0.0", change: manifest => manifest.Remove("contract"));
        await RefusedAsync("is no manifest");
    }

    [Fact]
    public async Task A_file_that_the_manifest_does_not_name_is_refused()
    {
        DriverPackageFile.PackSample(_source, "1.0.0", add: tar => DriverPackageFile.Add(tar, "more/extra.dll", [1]));
        await RefusedAsync("a file that its manifest does not name");
    }

    [Fact]
    public async Task A_file_that_the_manifest_names_and_the_archive_lacks_is_refused()
    {
        DriverPackageFile.PackSample(_source, "1.0.0", change: manifest => manifest["files"]!["more.dll"] = new string('0', 64));
        await RefusedAsync("lacks the file more.dll");
    }

    [Fact]
    public async Task A_file_that_is_there_twice_is_refused()
    {
        DriverPackageFile.PackSample(_source, "1.0.0", add: tar => DriverPackageFile.Add(tar, "Cyborg.SamplePackage.dll", [1]));
        await RefusedAsync("has a file twice");
    }

    [Fact]
    public async Task An_assembly_that_is_none_is_refused()
    {
        DriverPackageFile.PackSample(
            _source, "1.0.0",
            change: manifest =>
            {
                manifest["assembly"] = "junk.dll";
                manifest["files"]!["junk.dll"] = DriverPackageFile.Sum([1, 2, 3]);
            },
            add: tar => DriverPackageFile.Add(tar, "junk.dll", [1, 2, 3]));
        await RefusedAsync("BadImageFormatException");
    }

    [Fact]
    public async Task What_unpacks_to_too_much_is_refused_before_it_is_on_the_disk()
    {
        var zeros = new byte[16 * 1024 * 1024];
        DriverPackageFile.PackSample(_source, "1.0.0", add: tar =>
        {
            for (var i = 0; i < 17; i++)
                DriverPackageFile.Add(tar, $"zeros{i}", zeros);
        });
        await RefusedAsync("unpacks to more than 256 MiB");
    }

    [Fact]
    public async Task Too_many_entries_are_refused()
    {
        DriverPackageFile.PackSample(_source, "1.0.0", add: tar =>
        {
            for (var i = 0; i < 2100; i++)
                tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, $"d{i}/"));
        });
        await RefusedAsync("more than 2000 entries");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    [InlineData(5000)]
    public async Task An_archive_that_is_cut_off_is_refused(int length)
    {
        DriverPackageFile.PackSample(_source, "1.0.0");
        var path = Path.Combine(_source, $"{Id}-1.0.0.tar.gz");
        await using (var file = new FileStream(path, FileMode.Open))
            file.SetLength(Math.Min(length, file.Length / 2));
        await RefusedAsync("");
    }

    [Fact]
    public async Task An_archive_with_another_checksum_than_was_asked_for_is_refused()
    {
        var sum = DriverPackageFile.PackSample(_source, "1.0.0");
        await RefusedAsync("another checksum", new string('0', 64));
        Assert.Single((await _stage.CallAsync(Verbs.PlaceDriver, new PutDriver(Id, "1.0.0", sum.ToUpperInvariant(), Guid.NewGuid()))).Drivers);
    }

    [Fact]
    public async Task An_archive_that_everybody_can_write_is_refused()
    {
        DriverPackageFile.PackSample(_source, "1.0.0");
        File.SetUnixFileMode(Path.Combine(_source, $"{Id}-1.0.0.tar.gz"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
        await RefusedAsync("can be written by everybody");
    }

    [Fact]
    public async Task An_archive_that_is_a_link_is_refused()
    {
        DriverPackageFile.PackSample(_stage.Folder, "1.0.0");
        File.CreateSymbolicLink(Path.Combine(_source, $"{Id}-1.0.0.tar.gz"), Path.Combine(_stage.Folder, $"{Id}-1.0.0.tar.gz"));
        await RefusedAsync("is a link");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"a\": 1}")]
    [InlineData("{")]
    public async Task Options_that_are_none_are_told(string options)
    {
        DriverPackageFile.PackSample(_source, "1.0.0");
        await File.WriteAllTextAsync(Path.Combine(_source, $"{Id}.options.json"), options, Token);
        await RefusedAsync("has options");
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("sample_driver/../x")]
    [InlineData("nobody")]
    public async Task A_package_that_is_not_in_the_operators_folder_is_not_found(string id)
    {
        await StartAsync();
        var fault = await Assert.ThrowsAsync<FaultException>(() => _stage.CallAsync(Verbs.PlaceDriver, new PutDriver(id, null, null, Guid.NewGuid())));
        Assert.Equal(FaultCode.DriverNotFound, fault.Code);
        fault = await Assert.ThrowsAsync<FaultException>(() => _stage.CallAsync(Verbs.PlaceDriver, new PutDriver(id, "../1.0", null, Guid.NewGuid())));
        Assert.Equal(FaultCode.DriverNotFound, fault.Code);
    }

    [Fact]
    public async Task A_host_without_a_folder_of_packages_installs_none()
    {
        var agent = _stage.Agent(_stage.Options());
        await _stage.StartConductorAsync();
        await agent.StartAsync(Token);
        await agent.FirstReport.Soon();
        var fault = await Assert.ThrowsAsync<FaultException>(() => _stage.CallAsync(Verbs.PlaceDriver, new PutDriver(Id, null, null, Guid.NewGuid())));
        Assert.Contains("driver_packages is not set", fault.Message, StringComparison.Ordinal);
    }

    private async Task RefusedAsync(string why, string? checksum = null)
    {
        await StartAsync();
        var fault = await Assert.ThrowsAsync<FaultException>(() => _stage.CallAsync(Verbs.PlaceDriver, new PutDriver(Id, "1.0.0", checksum, Guid.NewGuid())));
        Assert.Equal(FaultCode.PackageUnusable, fault.Code);
        Assert.Contains(why, fault.Message, StringComparison.Ordinal);
        var packages = Path.Combine(_stage.Folder, "agent", "packages");
        Assert.Empty(Directory.Exists(packages) ? Directory.EnumerateFiles(packages, "*", SearchOption.AllDirectories) : []);
        Assert.Empty((await _stage.CallAsync(Verbs.AskServices, new AskServices())).Drivers);
    }

    private async Task StartAsync()
    {
        await _stage.StartConductorAsync();
        var agent = _stage.Agent(_stage.Options() with { Packages = new PackageOptions { Source = _source } });
        await agent.StartAsync(Token);
        await agent.FirstReport.Soon();
    }
}
