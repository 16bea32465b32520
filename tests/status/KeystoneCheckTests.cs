using Cyborg.Hosting;
using Cyborg.Hosting.Doctor;
using Cyborg.Identity.Doctor;
using Cyborg.Identity.Session;
using Cyborg.TestServers;

namespace Cyborg.Status.Tests;

/// <summary>What a doctor says of Keystone and of what it leads to.</summary>
public sealed class KeystoneCheckTests : IAsyncDisposable
{
    private readonly WireMockKeystone _keystone = WireMockKeystone.Start();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _keystone.DisposeAsync();

    [Fact]
    public async Task A_log_in_that_works_is_well()
    {
        var finding = await KeystoneChecks.LogIn("placement", Options(), TimeProvider.System).Look(Stop);
        Assert.Equal(DoctorFinding.Ok($"{_keystone.Url}/ takes the log-in of [placement]"), finding);
        Assert.Equal(DoctorVerdict.Ok, (await KeystoneChecks.Clock(Options(), TimeProvider.System).Look(Stop)).Verdict);
    }

    [Fact]
    public async Task A_wrong_password_names_the_section_and_no_secret()
    {
        _keystone.Logins = KeystoneTrouble.Answers(401);
        var finding = await KeystoneChecks.LogIn("placement", Options(), TimeProvider.System).Look(Stop);
        Assert.Equal(DoctorVerdict.Failure, finding.Verdict);
        Assert.Contains("[placement]", finding.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain(_keystone.Password, finding.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, _keystone.LoginCount);
    }

    [Fact]
    public async Task A_service_that_the_catalog_lacks_is_told_so()
    {
        var finding = await KeystoneChecks.Service("Nova", "nova", "compute", Options(), TimeProvider.System).Look(Stop);
        Assert.Equal(DoctorVerdict.Failure, finding.Verdict);
        Assert.Contains("The catalog has no endpoint of compute", finding.Text, StringComparison.Ordinal);
        Assert.Contains("openstack catalog list", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_is_away_is_told_so()
    {
        _keystone.AddService("compute", "http://127.0.0.1:1");
        var finding = await KeystoneChecks.Service("Nova", "nova", "compute", Options(), TimeProvider.System).Look(Stop);
        Assert.Equal(DoctorVerdict.Failure, finding.Verdict);
        _keystone.Stop();
        finding = await KeystoneChecks.LogIn("nova", Options(), TimeProvider.System).Look(Stop);
        Assert.Equal(DoctorVerdict.Failure, finding.Verdict);
        Assert.Contains("curl", finding.Remedy, StringComparison.Ordinal);
        Assert.Equal(DoctorVerdict.Skipped, (await KeystoneChecks.Clock(Options(), TimeProvider.System).Look(Stop)).Verdict);
    }

    [Theory]
    [InlineData(0, DoctorVerdict.Ok, "agree")]
    [InlineData(10, DoctorVerdict.Ok, "10.0 s behind Keystone's")]
    [InlineData(-10, DoctorVerdict.Ok, "10.0 s before Keystone's")]
    [InlineData(31, DoctorVerdict.Warning, "31.0 s behind")]
    [InlineData(-4000, DoctorVerdict.Warning, "4000.0 s before")]
    public void A_clock_that_is_far_off_is_told(int seconds, DoctorVerdict verdict, string says)
    {
        var finding = KeystoneChecks.Skew(TimeSpan.FromSeconds(seconds), "Keystone's");
        Assert.Equal(verdict, finding.Verdict);
        Assert.Contains(says, finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clock_that_was_read_within_a_call_agrees()
    {
        var noon = DateTimeOffset.UnixEpoch;
        Assert.Equal(TimeSpan.Zero, KeystoneChecks.Difference(noon.AddSeconds(3), noon, noon.AddSeconds(5)));
        Assert.Equal(TimeSpan.FromSeconds(2), KeystoneChecks.Difference(noon.AddSeconds(7), noon, noon.AddSeconds(5)));
        Assert.Equal(TimeSpan.FromSeconds(-2), KeystoneChecks.Difference(noon.AddSeconds(-2), noon, noon.AddSeconds(5)));
    }

    private KeystoneSessionOptions Options()
    {
        var section = new ServiceSection("placement", "placement");
        return section.Read(CyborgConfig.Parse([new ConfigSource("f", _keystone.Section("placement"))], section.All))!;
    }
}
