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
    public void Keystone_is_said_to_be_missing_in_one_line()
    {
        var fault = Assert.Throws<ConfigException>(() => ApiOptions.From(Config("")));
        Assert.Contains("keystone is not available yet", Assert.Single(fault.Faults), StringComparison.Ordinal);
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
