using Cyborg.Agent.Doctor;
using Cyborg.Hosting;
using Cyborg.Hosting.Doctor;

namespace Cyborg.Agent.Tests;

/// <summary>What the agent's doctor says of the machine.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cyborg-doctor-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_machine_without_an_IOMMU_is_told_what_to_turn_on()
    {
        const string Pci = "[agent]\nenabled_drivers = generic_driver\n[pci]\npassthrough_whitelist = {\"vendor_id\": \"10de\"}\n";
        var (verdict, text) = await IommuAsync(Pci);
        Assert.Equal(DoctorVerdict.Failure, verdict);
        Assert.Contains("no PCI bus", text, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(_folder, "bus", "pci"));
        (verdict, text) = await IommuAsync(Pci);
        Assert.Equal(DoctorVerdict.Failure, verdict);
        Assert.Contains("intel_iommu=on", text, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(_folder, "kernel", "iommu_groups", "0"));
        Assert.Equal(DoctorVerdict.Ok, (await IommuAsync(Pci)).Verdict);
    }

    [Fact]
    public async Task Mediated_devices_need_a_parent()
    {
        const string Mdev = "[agent]\nenabled_drivers = generic_driver\n[gpu_devices]\nenabled_vgpu_types = nvidia-35\n[vgpu_nvidia-35]\ndevice_addresses = 0000:84:00.0\n";
        Directory.CreateDirectory(Path.Combine(_folder, "bus", "pci"));
        Assert.Contains("mediated", (await IommuAsync(Mdev)).Text, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(_folder, "class", "mdev_bus", "0000:84:00.0"));
        Assert.Equal(DoctorVerdict.Ok, (await IommuAsync(Mdev)).Verdict);
    }

    [Fact]
    public async Task A_driver_of_nothing_needs_nothing() => Assert.Equal(DoctorVerdict.Skipped, (await IommuAsync("")).Verdict);

    [Theory]
    [InlineData("", DoctorVerdict.Ok, "1 devices, 16 attach handles")]
    [InlineData("[fake]\ndevices = 0\n", DoctorVerdict.Warning, "finds no devices")]
    [InlineData("[fake]\nfail = discover\n", DoctorVerdict.Failure, "cannot find its devices")]
    public async Task A_driver_is_asked_for_its_devices(string text, DoctorVerdict verdict, string says)
    {
        var finding = await DriverCheck.Of("fake_driver", Options(text), TimeProvider.System).Look(Token);
        Assert.Equal(verdict, finding.Verdict);
        Assert.Contains(says, finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_folder_of_the_journal_is_tried_and_left_as_it_was()
    {
        var made = Directory.CreateDirectory(Path.Combine(_folder, "state", "agent")).FullName;
        var finding = await StateFolderCheck.Of(made).Look(Token);
        Assert.Equal(DoctorVerdict.Ok, finding.Verdict);
        Assert.Empty(Directory.EnumerateFileSystemEntries(made));
        finding = await StateFolderCheck.Of(Path.Combine(_folder, "later", "agent")).Look(Token);
        Assert.Equal(DoctorVerdict.Ok, finding.Verdict);
        Assert.Contains("is made at the first start", finding.Text, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder, "later")));
    }

    private async Task<(DoctorVerdict Verdict, string Text)> IommuAsync(string text)
    {
        var finding = await IommuCheck.Of(Options(text), _folder).Look(Token);
        return (finding.Verdict, $"{finding.Text} {finding.Remedy}");
    }

    private AgentOptions Options(string text) => AgentOptions.From(CyborgConfig.Parse(
        [new ConfigSource("base", $"[DEFAULT]\nstate_path = {_folder}\n"), new ConfigSource("cyborg.conf", text)], AgentOptions.All));
}
