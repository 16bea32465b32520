using Cyborg.Hosting;

namespace Cyborg.Conductor.Tests;

/// <summary>The conductor's part of cyborg.conf: what is read from <c>[nova]</c> and <c>[placement]</c>, and all faults at once.</summary>
public sealed class ConductorOptionsTests
{
    private const string Login = """
        auth_type = password
        auth_url = http://keystone:5000
        username = cyborg
        user_domain_name = Default
        password = secret-word
        project_name = service
        project_domain_name = Default
        """;

    [Fact]
    public void Without_nova_and_placement_nobody_is_told_of_anything()
    {
        var options = Read("");
        Assert.False(options.Nova.IsTold);
        Assert.Null(options.Placement);
    }

    [Fact]
    public void With_a_log_in_nova_is_found_in_the_catalog_of_its_region()
    {
        var nova = Read($"[nova]\n{Login}\nregion_name = North\nvalid_interfaces = internal\nevent_timeout = 30").Nova;
        Assert.True(nova.IsTold);
        Assert.Null(nova.Endpoint);
        Assert.Equal(("North", null, 30), (nova.Login!.Region, nova.Login.EndpointOverride, nova.EventTimeout.TotalSeconds));
        Assert.Equal(["internal"], nova.Login.Interfaces);
    }

    [Fact]
    public void With_a_log_in_an_endpoint_override_is_the_sessions()
    {
        var nova = Read($"[nova]\n{Login}\nendpoint_override = http://nova:8774/v2.1").Nova;
        Assert.Null(nova.Endpoint);
        Assert.Equal(new Uri("http://nova:8774/v2.1"), nova.Login!.EndpointOverride);
    }

    [Theory]
    [InlineData("", 60, true)]
    [InlineData("orphan_check_interval = 5", 5, true)]
    [InlineData("orphan_check_interval = 0", 0, false)]
    public void Nova_is_asked_what_became_of_servers_unless_that_is_switched_off(string line, int seconds, bool asked)
    {
        var nova = Read($"[nova]\nendpoint_override = http://nova:8774/v2.1\n{line}").Nova;
        Assert.Equal((TimeSpan.FromSeconds(seconds), asked), (nova.OrphanCheckInterval, nova.IsAsked));
        Assert.False(Read($"[nova]\n{line}").Nova.IsAsked);
    }

    [Theory]
    [InlineData("endpoint_override = http://nova:8774/v2.1")]
    [InlineData("auth_type = none\nendpoint_override = http://nova:8774/v2.1/")]
    public void Without_keystone_an_endpoint_is_enough(string lines)
    {
        var nova = Read($"[nova]\n{lines}").Nova;
        Assert.Null(nova.Login);
        Assert.Equal(new Uri("http://nova:8774/v2.1/"), nova.Endpoint);
        Assert.True(nova.IsTold);
    }

    [Theory]
    [InlineData("auth_type = none", "endpoint_override")]
    [InlineData("endpoint_override = nova:8774", "endpoint_override")]
    [InlineData("endpoint_override = http://me:secret-word@nova/", "endpoint_override")]
    [InlineData("auth_type = password", "auth_url")]
    public void A_section_that_can_not_be_used_says_which_option(string lines, string option)
    {
        var faults = Assert.Throws<ConfigException>(() => Read($"[nova]\n{lines}")).Faults;
        Assert.Contains(faults, fault => fault.Contains("[nova]", StringComparison.Ordinal) && fault.Contains(option, StringComparison.Ordinal));
        Assert.DoesNotContain(faults, fault => fault.Contains("secret-word", StringComparison.Ordinal));
    }

    [Fact]
    public void All_faults_of_all_sections_are_told_at_once()
    {
        var faults = Assert.Throws<ConfigException>(() => Read(
            "[conductor]\nlease_timeout = 5\n[nova]\nauth_type = none\n[placement]\nauth_type = password\nusername = cyborg\npassword = secret-word")).Faults;
        Assert.Contains(faults, fault => fault.Contains("lease_timeout", StringComparison.Ordinal));
        Assert.Contains(faults, fault => fault.Contains("[nova]", StringComparison.Ordinal));
        Assert.True(faults.Count(fault => fault.Contains("[placement]", StringComparison.Ordinal)) >= 2, string.Join('\n', faults));
        Assert.DoesNotContain(faults, fault => fault.Contains("secret-word", StringComparison.Ordinal));
    }

    [Fact]
    public void Placement_is_reached_as_its_section_says()
    {
        var options = Read($"[placement]\n{Login}\nauth_section = nova\n[nova]\n{Login}");
        Assert.Equal(new Uri("http://keystone:5000"), options.Placement!.AuthUrl);
        Assert.DoesNotContain("secret-word", $"{options} {options.Placement} {options.Nova}", StringComparison.Ordinal);
    }

    private static ConductorOptions Read(string text) =>
        ConductorOptions.From(CyborgConfig.Parse([new ConfigSource("cyborg.conf", text)], ConductorOptions.All));
}
