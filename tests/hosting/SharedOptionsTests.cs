using Cyborg.Hosting.Telemetry;

namespace Cyborg.Hosting.Tests;

public sealed class SharedOptionsTests
{
    private static CyborgConfig Parse(string text) => CyborgConfig.Parse([new("cyborg.conf", text)], SharedOptions.All);

    [Fact]
    public void Defaults_are_upstreams_names_with_our_bus()
    {
        var options = SharedOptions.From(CyborgConfig.Empty);
        Assert.False(options.Debug);
        Assert.Equal(System.Net.Dns.GetHostName(), options.Host);
        Assert.Equal("nats://127.0.0.1:4222", options.TransportUrl);
        Assert.Equal("sqlite:////var/lib/cyborg/cyborg.sqlite", options.Connection);
    }

    [Fact]
    public void The_database_follows_the_state_path() =>
        Assert.Equal("sqlite:////data/cyborg.sqlite", SharedOptions.From(CyborgConfig.Empty.With(SharedOptions.StatePathOption, "/data")).Connection);

    [Theory]
    [InlineData("nats://u:p@h:4222,h2:4222")]
    [InlineData("tls://h:4222")]
    [InlineData("inprocess://")]
    public void Urls_of_our_bus_are_taken(string url) =>
        Assert.Equal(url, SharedOptions.From(Parse($"[DEFAULT]\ntransport_url = {url}")).TransportUrl);

    [Theory]
    [InlineData("postgresql://u:p@h/d")]
    [InlineData("postgresql+psycopg2://u:p@h/d?sslmode=require")]
    [InlineData("postgres://h/d")]
    [InlineData("sqlite:////tmp/x")]
    public void Urls_of_our_databases_are_taken(string url) =>
        Assert.Equal(url, SharedOptions.From(Parse($"[database]\nconnection = {url}")).Connection);

    [Theory]
    [InlineData("rabbit://stackrabbit:hunter2@10.0.0.1:5672/")]
    [InlineData("kombu+memory://hunter2")]
    [InlineData("amqp://hunter2@h")]
    public void A_message_broker_stops_the_start_with_what_to_write(string url) => Assert.Equal(
        "cyborg.conf:2: [DEFAULT] transport_url: the value names a message broker that this service does not use (its bus is NATS); " +
        "write nats://user:password@host:4222 or inprocess://",
        Assert.Single(Assert.Throws<ConfigException>(() => Parse($"[DEFAULT]\ntransport_url = {url}")).Faults));

    [Theory]
    [InlineData("mysql://root:hunter2@127.0.0.1/cyborg?charset=utf8")]
    [InlineData("mysql+pymysql://root:hunter2@127.0.0.1/cyborg?charset=utf8")]
    public void Mysql_stops_the_start_with_what_to_write(string url) => Assert.Equal(
        "cyborg.conf:2: [database] connection: the value names a MySQL database, which this service does not use; " +
        "write postgresql://user:password@host/name or sqlite:////path",
        Assert.Single(Assert.Throws<ConfigException>(() => Parse($"[database]\nconnection = {url}")).Faults));

    [Theory]
    [InlineData("oracle://h")]
    [InlineData("hunter2")]
    [InlineData("")]
    public void What_is_no_url_of_ours_is_refused_without_its_text(string url) => Assert.DoesNotContain(
        "hunter2", Assert.Single(Assert.Throws<ConfigException>(() => Parse($"[database]\nconnection = {url}")).Faults));

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    public void A_host_name_has_no_white_space(string host) =>
        Assert.Throws<ConfigException>(() => Parse($"[DEFAULT]\nhost = {host}"));

    [Fact]
    public void Printing_the_options_shows_no_url() =>
        Assert.DoesNotContain("hunter2", SharedOptions.From(Parse("[DEFAULT]\ntransport_url = nats://u:hunter2@h")).ToString());

    [Fact]
    public void Every_option_is_documented()
    {
        Assert.All(SharedOptions.All, option => Assert.EndsWith(".", option.Help));
        Assert.All(SharedOptions.All.Except(TelemetryOptions.All), option => Assert.NotNull(option.DefaultText));
    }
}
