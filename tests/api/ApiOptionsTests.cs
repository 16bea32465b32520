using Cyborg.Hosting;

namespace Cyborg.Api.Tests;

public sealed class ApiOptionsTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.8.8")]
    [InlineData("::1")]
    [InlineData("localhost")]
    public void Without_authentication_loopback_is_served(string host) => ApiOptions.From(Config($"auth_strategy = noauth\nhost_ip = {host}"));

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("192.0.2.1")]
    public void Without_authentication_any_other_address_is_refused(string host)
    {
        var fault = Assert.Throws<ConfigException>(() => ApiOptions.From(Config($"auth_strategy = noauth\nhost_ip = {host}")));
        Assert.Contains("noauth lets everybody do everything", Assert.Single(fault.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Keystone_without_a_log_in_is_told_in_one_line_what_to_write()
    {
        var fault = Assert.Throws<ConfigException>(() => ApiOptions.From(Config("")));
        Assert.Contains("keystone needs a log-in in [keystone_authtoken]; write auth_type = password, auth_url", Assert.Single(fault.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_of_Keystones_section_are_told_with_all_others()
    {
        var fault = Assert.Throws<ConfigException>(() => ApiOptions.From(Config(
            "public_endpoint = nowhere\n[keystone_authtoken]\nauth_url = keystone:5000\npassword = hunter2\nwww_authenticate_uri = nowhere\ncafile = /nonexistent.pem\njws_public_keys = /nonexistent")));
        foreach (var part in new[] { "public_endpoint", "] auth_url: is no http", "] username: is not set", "www_authenticate_uri", "cafile", "jws_public_keys" })
            Assert.Contains(fault.Faults, line => line.Contains(part, StringComparison.Ordinal));
        Assert.DoesNotContain("hunter2", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keystones_section_is_read_with_upstreams_names_and_defaults()
    {
        var options = ApiOptions.From(Config(
            "host_ip = 0.0.0.0\n[keystone_authtoken]\nauth_url = http://k:5000\nusername = cyborg\nuser_domain_name = Default\npassword = p\nproject_name = service\n"
            + "project_domain_name = Default\nmemcached_servers = m:11211\ninterface = public")).AuthToken!;
        Assert.Equal(("http://k:5000/", true, false, TimeSpan.FromSeconds(300)),
            (options.WwwAuthenticateUri, options.ServiceTokenRolesRequired, options.DelayAuthDecision, options.Cache.CacheTime));
        Assert.Equal(["service"], options.ServiceTokenRoles);
        Assert.Equal(3, options.Advice.Count);
    }

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var fault = Assert.Throws<ConfigException>(() => ApiOptions.From(Config(
            "auth_strategy = noauth\nhost_ip = 0.0.0.0\nenable_ssl_api = true\npublic_endpoint = nowhere")));
        Assert.Equal(3, fault.Faults.Count);
        Assert.All(fault.Faults, line => Assert.Contains("cyborg.conf:", line, StringComparison.Ordinal));
    }

    private static CyborgConfig Config(string api) => CyborgConfig.Parse([new ConfigSource("cyborg.conf", $"[api]\n{api}\n")], ApiOptions.All);
}
