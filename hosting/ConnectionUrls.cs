namespace Cyborg.Hosting;

/// <summary>Which kinds of bus and database a URL may name. Only the scheme is looked at, and only it is ever shown.</summary>
internal static class ConnectionUrls
{
    private const string WriteDatabase = "write postgresql://user:password@host/name or sqlite:////path";
    private const string WriteTransport = "write nats://user:password@host:4222 or inprocess://";

    public static string? CheckTransport(string url) => Scheme(url) switch
    {
        "nats" or "tls" or "inprocess" => null,
        "rabbit" or "amqp" or "kombu" or "kafka" =>
            $"names a message broker that this service does not use (its bus is NATS); {WriteTransport}",
        _ => $"is not the URL of a bus; {WriteTransport}",
    };

    public static string? CheckDatabase(string url) => Scheme(url) switch
    {
        "postgresql" or "postgres" or "sqlite" => null,
        "mysql" or "mariadb" => $"names a MySQL database, which this service does not use; {WriteDatabase}",
        _ => $"is not the URL of a database; {WriteDatabase}",
    };

    /// <summary>The scheme without the driver suffix that SQLAlchemy and oslo.messaging allow (<c>mysql+pymysql</c>).</summary>
    private static string Scheme(string url)
    {
        var end = url.IndexOf("://", StringComparison.Ordinal);
        return end < 0 ? "" : url[..end].Split('+')[0].ToLowerInvariant();
    }
}
