using System.Globalization;
using Cyborg.Identity.Session;

namespace Cyborg.Cli.Tests;

/// <summary>Which cloud is meant: clouds.yaml and the files beside it, OS_* variables, flags.</summary>
public sealed class CloudTests : IDisposable
{
    private const string Two = """
        clouds:
          one:
            auth: {auth_url: http://one:5000, username: u, password: p, project_name: x}
            region_name: RegionOne
          two:
            auth:
              auth-url: http://two:5000/v3
              username: u2
              password: 12345
              project_name: "on"
            interface: internal
            accelerator_endpoint_override: http://two:6666
        """;

    private readonly Cli _cli = new();

    public void Dispose() => _cli.Dispose();

    private Cloud Choose(string? name = null, params (string Key, string Value)[] flags) =>
        Cloud.Choose(_cli.Surroundings(), name, flags.ToDictionary(flag => flag.Key, flag => flag.Value));

    private KeystoneSessionOptions Login(string? name = null, params (string Key, string Value)[] flags) =>
        CloudLogin.Options(Choose(name, flags), _cli.Surroundings(), TimeSpan.FromSeconds(7));

    [Fact]
    public void The_cloud_that_is_named_counts()
    {
        _cli.Write("clouds.yaml", Two);
        Assert.Equal("http://one:5000", Choose("one")["auth_url"]);
        _cli.Variables["OS_CLOUD"] = "two";
        Assert.Equal("http://two:5000/v3", Choose()["auth_url"]);
        Assert.Equal("http://one:5000", Choose("one")["auth_url"]);
        Assert.Equal(("12345", "on", "internal"), (Choose()["password"]!, Choose()["project_name"]!, Choose()["interface"]!));
        Assert.Equal($"cloud two of {_cli.Folder}/clouds.yaml", Choose().Origin);
    }

    [Theory]
    [InlineData("clouds.yaml")]
    [InlineData("clouds.yml")]
    [InlineData("clouds.json")]
    [InlineData(".config/openstack/clouds.yaml")]
    [InlineData("xdg/openstack/clouds.yml")]
    [InlineData("etc/b/openstack/clouds.yaml")]
    [InlineData("elsewhere/any.name")]
    public void It_is_found_where_openstacks_clients_look(string place)
    {
        _cli.Variables["XDG_CONFIG_HOME"] = Path.Combine(_cli.Folder, "xdg");
        _cli.Variables["XDG_CONFIG_DIRS"] = $"{_cli.Folder}/etc/a:{_cli.Folder}/etc/b";
        if (place == "elsewhere/any.name")
            _cli.Variables["OS_CLIENT_CONFIG_FILE"] = "elsewhere/any.name";
        _cli.Write(place, """{"clouds": {"it": {"auth": {"auth_url": "http://it:5000"}}}}""");
        Assert.Equal("http://it:5000", Choose("it")["auth_url"]);
    }

    [Fact]
    public void The_first_place_wins_and_what_cannot_be_read_is_passed_over()
    {
        _cli.Write("clouds.yaml", "clouds: {c: {auth: {auth_url: http://here:5000}}}");
        _cli.Write(".config/openstack/clouds.yaml", "clouds: {c: {auth: {auth_url: http://home:5000}}, d: {auth: {auth_url: http://d:5000}}}");
        Assert.Equal("http://here:5000", Choose("c")["auth_url"]);
        Assert.Contains("cloud d is not known", Assert.Throws<CliFault>(() => Choose("d")).Message, StringComparison.Ordinal);
        _cli.Variables["OS_CLIENT_CONFIG_FILE"] = "/nowhere/clouds.yaml";
        Assert.Equal("http://here:5000", Choose("c")["auth_url"]);
    }

    [Fact]
    public void Secrets_come_from_secure_yaml()
    {
        _cli.Write("clouds.yaml", Two);
        _cli.Write(".config/openstack/secure.yaml", "clouds: {one: {auth: {password: sesame}}}");
        Assert.Equal(("sesame", "u"), (Choose("one")["password"]!, Choose("one")["username"]!));
        _cli.Variables["OS_CLIENT_SECURE_FILE"] = _cli.Write("other.yaml", "clouds: {one: {auth: {password: open}}}");
        Assert.Equal("open", Choose("one")["password"]);
    }

    [Fact]
    public void A_profile_is_what_clouds_have_in_common()
    {
        _cli.Write("clouds-public.yaml", "public-clouds: {shop: {auth: {auth_url: http://shop:5000, user_domain_name: Shop}, interface: public}}");
        _cli.Write("clouds.yaml", "clouds: {mine: {profile: shop, auth: {username: me}}, old: {cloud: shop}, lost: {profile: closed}}");
        Assert.Equal(("http://shop:5000", "Shop", "me"), (Choose("mine")["auth_url"]!, Choose("mine")["user_domain_name"]!, Choose("mine")["username"]!));
        Assert.Equal("http://shop:5000", Choose("old")["auth_url"]);
        Assert.Contains("profile closed, which is not in clouds-public.yaml", Assert.Throws<CliFault>(() => Choose("lost")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_only_cloud_needs_no_name_and_of_several_none_is_guessed()
    {
        _cli.Write("clouds.yaml", "clouds: {it: {auth: {auth_url: http://it:5000}}}");
        Assert.Equal("http://it:5000", Choose()["auth_url"]);
        _cli.Write("clouds.yaml", Two);
        Assert.Contains("no cloud is named", Assert.Throws<CliFault>(() => Choose()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Variables_are_a_cloud_of_their_own_unless_one_is_named()
    {
        _cli.Write("clouds.yaml", Two);
        _cli.Variables["OS_AUTH_URL"] = "http://variables:5000";
        _cli.Variables["OS_TENANT_NAME"] = "t";
        Assert.Equal(("http://variables:5000", "t"), (Choose()["auth_url"]!, Choose()["project_name"]!));
        Assert.Null(Choose()["username"]);
        Assert.Equal(("http://one:5000", "x"), (Choose("one")["auth_url"]!, Choose("one")["project_name"]!));
        Assert.Equal("http://variables:5000", Choose("envvars")["auth_url"]);
        _cli.Variables["OS_CLOUD_NAME"] = "mine";
        Assert.Equal("http://variables:5000", Choose("mine")["auth_url"]);
    }

    [Fact]
    public void Flags_win_over_each_setting()
    {
        _cli.Write("clouds.yaml", Two);
        var cloud = Choose("one", ("username", "other"), ("region_name", "RegionTwo"));
        Assert.Equal(("http://one:5000", "other", "RegionTwo"), (cloud["auth_url"]!, cloud["username"]!, cloud["region_name"]!));
        _cli.Variables["OS_REGION_NAME"] = "RegionThree";
        Assert.Equal("RegionThree", Choose("one")["region_name"]);
        Assert.Equal("http://x:1", Choose(null, ("endpoint", "http://x:1"))["endpoint"]);
    }

    [Fact]
    public void A_region_has_settings_of_its_own()
    {
        _cli.Write("clouds.yaml", "clouds: {c: {auth: {auth_url: http://c:5000}, regions: [a, {name: b, values: {interface: admin, auth: {project_name: of-b}}}]}}");
        Assert.Equal("a", Choose("c")["region_name"]);
        Assert.Equal(("b", "admin", "of-b"), (Choose("c", ("region_name", "b"))["region_name"]!, Choose("c", ("region_name", "b"))["interface"]!, Choose("c", ("region_name", "b"))["project_name"]!));
        Assert.Contains("no region z; it has a, b", Assert.Throws<CliFault>(() => Choose("c", ("region_name", "z"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("clouds: [\n", "clouds.yaml:")]
    [InlineData("- a\n- b", "clouds.yaml:1: has to be a mapping")]
    [InlineData("clouds:\n  ? [a]\n  : b", "clouds.yaml:2: has a key that is no text")]
    [InlineData("clouds:\n  c: {password: a, password: b}", "clouds.yaml:2: is not valid YAML here")]
    [InlineData("clouds: {c: sesame}", "is no mapping")]
    [InlineData("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: &d [*c, *c]\ne: &e [*d, *d, *d, *d]\nf: &f [*e, *e, *e, *e]\ng: &g [*f, *f, *f, *f]\nh: &h [*g, *g, *g, *g]\ni: [*h, *h, *h, *h, *h, *h]", "has too much in it")]
    [InlineData("", "cloud c is not known")]
    [InlineData("clouds:", "has no clouds")]
    public void A_file_that_cannot_be_meant_is_named_without_its_secrets(string text, string says)
    {
        _cli.Write("clouds.yaml", text);
        var fault = Assert.Throws<CliFault>(() => Choose("c"));
        Assert.Equal(2, fault.Code);
        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public void No_cloud_at_all_is_told_with_the_places_that_were_looked_at()
    {
        Assert.Contains("/etc/openstack", Assert.Throws<CliFault>(() => Choose("c")).Message, StringComparison.Ordinal);
        Assert.Contains("--os-endpoint", Assert.Throws<CliFault>(() => Choose()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("password: p, username: u", "PasswordCredential")]
    [InlineData("password: p, username: u, token: t", "PasswordCredential")]
    [InlineData("token: t", "TokenCredential")]
    [InlineData("application_credential_id: i, application_credential_secret: s", "ApplicationCredential")]
    public void The_log_in_is_what_the_settings_fit(string auth, string credential)
    {
        _cli.Write("clouds.yaml", "clouds: {c: {auth: {auth_url: 'http://c:5000', " + auth + "}}}");
        Assert.Equal(credential, Login("c").Credential.ToString());
    }

    [Theory]
    [InlineData("none", "NoLogin")]
    [InlineData("noauth", "NoLogin")]
    [InlineData("admin_token", "NoLogin")]
    [InlineData("token", "TokenCredential")]
    [InlineData("v3token", "TokenCredential")]
    [InlineData("v3password", "PasswordCredential")]
    [InlineData("v3applicationcredential", "ApplicationCredential")]
    public void Or_what_auth_type_says(string type, string credential)
    {
        _cli.Write("clouds.yaml", $"clouds: {{c: {{auth_type: {type}, " + """auth: {endpoint: "http://c:6666", auth_url: "http://c:5000", token: t, username: u, password: p, application_credential_id: i, application_credential_secret: s}}}""");
        var options = Login("c");
        Assert.Equal((credential, "http://c:6666/"), (options.Credential.ToString(), options.EndpointOverride!.ToString()));
    }

    [Fact]
    public void An_endpoint_alone_is_a_cyborg_without_keystone()
    {
        _cli.Variables["OS_ENDPOINT_OVERRIDE"] = "http://127.0.0.1:6666/v2";
        Assert.IsType<NoLogin>(Login().Credential);
        _cli.Variables["OS_TOKEN"] = "t";
        Assert.Equal("t", Assert.IsType<NoLogin>(Login().Credential).Token);
    }

    [Fact]
    public void Everything_reaches_the_session()
    {
        _cli.Write("clouds.yaml", """
            clouds:
              c:
                auth: {auth_url: "http://c:5000", username: u, password: p, user_domain_id: ud, project_name: x, default_domain_name: Dom}
                region_name: R
                interface: internalURL
                accelerator_interface: [admin, publicURL]
                accelerator_service_type: acc
                accelerator_service_name: cyborg
                cacert: ~/ca.pem
                cert: cert.pem
                key: /k.pem
                verify: false
            """);
        var options = Login("c");
        var credential = Assert.IsType<PasswordCredential>(options.Credential);
        Assert.Equal(("u", "p", "ud", null, "x", null, "Dom"), (
            credential.UserName, credential.Password, credential.UserDomainId, credential.UserDomainName, credential.ProjectName, credential.ProjectDomainId, credential.ProjectDomainName));
        Assert.Equal(["admin", "public"], options.Interfaces);
        Assert.Equal(("R", "acc", "cyborg", true, TimeSpan.FromSeconds(7)), (options.Region, options.ServiceType, options.ServiceName, options.Insecure, options.Timeout));
        Assert.Equal((Path.Combine(_cli.Folder, "ca.pem"), Path.Combine(_cli.Folder, "cert.pem"), "/k.pem"), (options.CaFile, options.CertFile, options.KeyFile));
    }

    [Fact]
    public void Without_any_domain_it_is_the_default_one()
    {
        _cli.Variables["OS_AUTH_URL"] = "http://c:5000";
        _cli.Variables["OS_USERNAME"] = "u";
        _cli.Variables["OS_PASSWORD"] = "p";
        var credential = Assert.IsType<PasswordCredential>(Login().Credential);
        Assert.Equal(("default", "default"), (credential.UserDomainId, credential.ProjectDomainId));
    }

    [Theory]
    [InlineData("auth_type: v2password", "auth_type v2password is not known; write password")]
    [InlineData("auth_type: none", "endpoint is not set; write it there, or set OS_ENDPOINT or --os-endpoint")]
    [InlineData("auth: {username: u, password: sesame}", "auth_url is not set; write it there, or set OS_AUTH_URL or --os-auth-url")]
    [InlineData("auth: {auth_url: 'http://c:5000', username: u}", "password is not set; write it there, or set OS_PASSWORD")]
    [InlineData("auth: {auth_url: 'http://c:5000', password: sesame}", "username: is not set, nor is user_id")]
    [InlineData("auth: {auth_url: 'http://root:sesame@c:5000', password: sesame}", "auth_url is no http or https address without user and password")]
    [InlineData("auth: {auth_url: 'c:5000', password: sesame}", "auth_url is no http or https address")]
    [InlineData("auth: {auth_url: 'http://c:5000', token: 'sesame street'}", "token: is no token")]
    [InlineData("{interface: private, auth: {auth_url: 'http://c:5000', username: u, password: p}}", "interface private is not known; write public, internal or admin")]
    [InlineData("{insecure: perhaps, auth: {auth_url: 'http://c:5000', username: u, password: p}}", "insecure takes true or false")]
    [InlineData("{cacert: /nowhere, auth: {auth_url: 'http://c:5000', username: u, password: p}}", "cacert, cert and key have to be PEM files")]
    [InlineData("auth: {auth_url: 'http://c:5000', username: u, password: p, project_name: a, system_scope: all}", "Only one of project, domain and system_scope")]
    public async Task What_is_missing_or_wrong_is_told_with_what_would_be_right(string cloud, string says)
    {
        _cli.Write("clouds.yaml", $"clouds:\n  c:\n    {cloud}\n".Replace("    {", "    ", StringComparison.Ordinal).Replace("}}\n", "}\n", StringComparison.Ordinal).Replace(", auth:", "\n    auth:", StringComparison.Ordinal));
        var line = await _cli.FailAsync(2, "service-list", "--os-cloud", "c");
        Assert.Contains(says, line, StringComparison.Ordinal);
        Assert.Contains("cloud c of ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_setting_has_its_variable_and_its_flag()
    {
        foreach (var setting in CloudSettings.All.Where(setting => setting.Help is not null))
        {
            _cli.Variables.Clear();
            _cli.Variables["OS_" + setting.Key.ToUpper(CultureInfo.InvariantCulture)] = "v";
            _cli.Variables["OS_AUTH_URL"] = "v";
            Assert.Equal("v", Choose()[setting.Key]);
        }
    }
}
