using Cyborg.Hosting;
using Cyborg.Identity.Session;

namespace Cyborg.Keystone.Tests;

public sealed class ServiceSectionTests
{
    private const string Good = "auth_type = password\nauth_url = http://k:5000/v3\nusername = u\nuser_domain_name = D\npassword = hunter2\nproject_name = p\nproject_domain_id = d\n";

    private static readonly ServiceSection Placement = new("placement", "placement");

    [Theory]
    [InlineData("")]
    [InlineData("region_name = One\nendpoint_override = http://p:8778")]
    public void A_section_without_a_log_in_is_none(string lines) => Assert.Null(Read(lines));

    [Fact]
    public void Every_option_has_its_place()
    {
        var options = Read(Good + """
            service_type = place
            service_name = n
            valid_interfaces = public,admin
            region_name = One
            endpoint_override = http://p:8778/%(project_id)s
            timeout = 7.5
            insecure = true
            connect_retries = 1
            connect_retry_delay = 0.25
            status_code_retries = 0
            status_code_retry_delay = 3
            retriable_status_codes = 500, 503
            """)!;
        var user = Assert.IsType<PasswordCredential>(options.Credential);
        Assert.Equal(("u", "D", "hunter2", "p", "d"), (user.UserName, user.UserDomainName, user.Password, user.ProjectName, user.ProjectDomainId));
        Assert.Equal(("place", "n", "One", true), (options.ServiceType, options.ServiceName, options.Region, options.Insecure));
        Assert.Equal(["public", "admin"], options.Interfaces);
        Assert.Equal("http://p:8778/%(project_id)s", options.EndpointOverride!.OriginalString);
        Assert.Equal((7.5, 1, 0.25, 0, 3.0), (options.Timeout.TotalSeconds, options.Retries, options.RetryDelay.TotalSeconds, options.StatusRetries, options.StatusRetryDelay.TotalSeconds));
        Assert.Equal([500, 503], options.RetryStatuses);
    }

    [Fact]
    public void Old_names_and_default_domains_count()
    {
        var options = Read("auth_plugin = v3password\nauth_url = http://k:5000\nuser_name = u\npassword = x\ntenant_name = t\ndefault_domain_id = d")!;
        var user = Assert.IsType<PasswordCredential>(options.Credential);
        Assert.Equal(("u", "d", "t", "d"), (user.UserName, user.UserDomainId, user.ProjectName, user.ProjectDomainId));
        Assert.Null(options.ServiceType);
    }

    [Fact]
    public void An_application_credential_needs_no_auth_type()
    {
        var options = Read("auth_url = http://k:5000\napplication_credential_id = i\napplication_credential_secret = s")!;
        Assert.Equal(("i", "s"), options.Credential is ApplicationCredential credential ? (credential.Id, credential.Secret) : default);
    }

    [Fact]
    public void Another_section_can_hold_the_log_in_and_warns_of_nothing()
    {
        var config = Config("auth_section = shared\nregion_name = Two\n[shared]\n" + Good);
        var options = Placement.Read(config)!;
        Assert.Equal(("u", "Two"), (((PasswordCredential)options.Credential).UserName, options.Region));
        Assert.Empty(config.Warnings);
    }

    [Fact]
    public void All_faults_are_told_at_once_and_without_secrets()
    {
        var fault = Assert.Throws<ConfigException>(() => Read("""
            auth_url = http://cyborg:hunter2@k:5000
            username = u
            password =
            project_name = p
            trust_id = t
            cafile = /nonexistent/ca.pem
            keyfile = /nonexistent/key.pem
            valid_interfaces = internl
            endpoint_override = p:8778
            connect_retry_delay = 1000
            retriable_status_codes = 200, x
            """));
        string[] names =
        [
            "auth_url", "username", "password", "project_name", "trust_id", "cafile", "keyfile", "valid_interfaces", "endpoint_override",
            "connect_retry_delay", "retriable_status_codes",
        ];
        foreach (var name in names)
            Assert.Contains(fault.Faults, line => line.StartsWith("cyborg.conf:", StringComparison.Ordinal) && line.Contains($"[placement] {name}: ", StringComparison.Ordinal));
        Assert.Equal(names.Length + 1, fault.Faults.Count);
        Assert.DoesNotContain("hunter2", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auth_type = v3kerberos\nauth_url = http://k", "'v3kerberos' is not supported; write password")]
    [InlineData("auth_type = password", "[placement] auth_url: is not set")]
    [InlineData("auth_section = nowhere", "section [nowhere] has no log-in")]
    [InlineData("auth_url = http://k\nuser_id = u\npassword = x\nproject_id = p\nsystem_scope = all", "Only one of")]
    public void What_cannot_log_in_is_told(string lines, string expected) =>
        Assert.Contains(expected, Assert.Throws<ConfigException>(() => Read(lines)).Message, StringComparison.Ordinal);

    private static KeystoneSessionOptions? Read(string lines) => Placement.Read(Config(lines));

    private static CyborgConfig Config(string lines) => CyborgConfig.Parse([new ConfigSource("cyborg.conf", $"[placement]\n{lines}\n")], Placement.All);
}
