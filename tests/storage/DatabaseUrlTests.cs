using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Cyborg.Storage.Tests;

public class DatabaseUrlTests
{
    [Theory]
    [InlineData("postgresql://u:p@db.example/cyborg", "db.example", 5432, "u", "p", "cyborg")]
    [InlineData("postgresql+psycopg2://u:p@db:5433/cyborg", "db", 5433, "u", "p", "cyborg")]
    [InlineData("postgresql+asyncpg://u:p@db/cyborg?ssl=require", "db", 5432, "u", "p", "cyborg")]
    [InlineData("postgres://u@db/cyborg", "db", 5432, "u", null, "cyborg")]
    [InlineData("POSTGRESQL://db/cyborg", "db", 5432, null, null, "cyborg")]
    [InlineData("postgresql://u:p%40%2F%3A%25%2B@db/cy%20borg", "db", 5432, "u", "p@/:%+", "cy borg")]
    [InlineData("postgresql://u:a/b?c:d@db/cyborg", "db", 5432, "u", "a/b?c:d", "cyborg")]
    [InlineData("postgresql://u:p;Host=evil@db/cyborg", "db", 5432, "u", "p;Host=evil", "cyborg")]
    [InlineData("postgresql://u:@db/cyborg", "db", 5432, "u", null, "cyborg")]
    [InlineData("postgresql:///cyborg", "localhost", 5432, null, null, "cyborg")]
    [InlineData("postgresql://:6432/cyborg", "localhost", 6432, null, null, "cyborg")]
    [InlineData("postgresql://[::1]:5433/cyborg", "[::1]", 5433, null, null, "cyborg")]
    [InlineData("postgresql://[fe80::1]/cyborg", "[fe80::1]", 5432, null, null, "cyborg")]
    [InlineData("postgresql://u@/cyborg?host=/var/run/postgresql", "/var/run/postgresql", 5432, "u", null, "cyborg")]
    [InlineData("postgresql://u@/cyborg?host=%2Ftmp%2Fpg&port=5544", "/tmp/pg", 5544, "u", null, "cyborg")]
    [InlineData("postgresql://u@%2Fvar%2Frun/cyborg", "/var/run", 5432, "u", null, "cyborg")]
    [InlineData("postgresql://u@a:1,b:2/cyborg?target_session_attrs=read-write", "a:1,b:2", 5432, "u", null, "cyborg")]
    [InlineData("postgresql://u@/cyborg?host=a:1&host=b:2", "a:1,b:2", 5432, "u", null, "cyborg")]
    [InlineData("postgresql://?host=db&dbname=cyborg&user=u&password=p", "db", 5432, "u", "p", "cyborg")]
    [InlineData("postgresql://db/cyborg?client_encoding=utf8&application_name=x", "db", 5432, null, null, "cyborg")]
    public void A_postgresql_url_is_read(string url, string host, int port, string? user, string? password, string database)
    {
        var read = DatabaseUrl.Parse(url).Postgres!;

        Assert.Equal((host, port, user, password, database), (read.Host, read.Port, read.Username, read.Password, read.Database));
    }

    [Theory]
    [InlineData("postgresql://u:hunter2@db/cyborg?target_session_attrs=any", "postgresql://db:5432/cyborg")]
    [InlineData("postgresql://u:hunter2@a:1,b:2/cyborg?target_session_attrs=read-write", "postgresql://a:1,b:2/cyborg")]
    [InlineData("postgresql://u:hunter2@[::1]:5433/cyborg", "postgresql://[::1]:5433/cyborg")]
    [InlineData("postgresql://u:hunter2@/cyborg?host=/tmp/pg", "postgresql:///cyborg?host=/tmp/pg")]
    [InlineData("sqlite:////x/cyborg.db?password=hunter2", "sqlite:////x/cyborg.db")]
    public async Task A_database_opens_from_its_url_and_describes_itself_without_secrets(string url, string description)
    {
        await using var database = CyborgDatabase.Open(url, NullLoggerFactory.Instance, TimeProvider.System);

        Assert.Equal(description, database.Description);
        Assert.DoesNotContain("hunter2", DatabaseUrl.Parse(url).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_reach_the_driver()
    {
        var read = DatabaseUrl.Parse("postgresql://db/cyborg?sslmode=verify-full&sslrootcert=/ca.pem&connect_timeout=7&application_name=a+b&options=-c%20x%3D1&keepalives_idle=9").Postgres!;

        Assert.Equal(SslMode.VerifyFull, read.SslMode);
        Assert.Equal(("/ca.pem", 7, "a b", "-c x=1", 9), (read.RootCertificate, read.Timeout, read.ApplicationName, read.Options, read.TcpKeepAliveTime));
        Assert.Equal("cyborg", DatabaseUrl.Parse("postgresql://db/cyborg").Postgres!.ApplicationName);
    }

    [Theory]
    [InlineData("sqlite:////var/lib/cyborg/cyborg.db", "/var/lib/cyborg/cyborg.db")]
    [InlineData("sqlite:///cyborg.db", "cyborg.db")]
    [InlineData("sqlite:///a%20b/c%25.db", "a b/c%.db")]
    [InlineData("sqlite+pysqlite:////x.db?timeout=30&check_same_thread=false", "/x.db")]
    public void A_sqlite_url_is_read(string url, string path)
    {
        var read = DatabaseUrl.Parse(url);

        Assert.Null(read.Postgres);
        Assert.Equal(path, read.SqlitePath);
    }

    [Theory]
    [InlineData("", "not a URL")]
    [InlineData("hunter2", "not a URL")]
    [InlineData("://hunter2", "not a URL")]
    [InlineData("u:hunter2@db://x", "not a URL")]
    [InlineData("mysql+pymysql://u:hunter2@db/cyborg?charset=utf8", "mysql is not supported: write postgresql://user:password@host/cyborg or sqlite:////path/to/cyborg.db")]
    [InlineData("mssql://u:hunter2@db/cyborg", "mssql is not supported")]
    [InlineData("rabbit://u:hunter2@db/", "rabbit is not supported")]
    [InlineData("postgresql://u:hunter2@db", "no database")]
    [InlineData("postgresql://u:hunter2@db/", "no database")]
    [InlineData("postgresql://u:hunter2@db:0/cyborg", "port must be a number from 1 to 65535")]
    [InlineData("postgresql://u:hunter2@db:70000/cyborg", "port must be")]
    [InlineData("postgresql://u:hunter2@db:x/cyborg", "port must be")]
    [InlineData("postgresql://u:x@hunter2@db/cyborg", "more than one @")]
    [InlineData("postgresql://u:hunter2%zz@db/cyborg", "% that is not followed")]
    [InlineData("postgresql://u:hunter2@[::1/cyborg", "lacks its ]")]
    [InlineData("postgresql://u:hunter2@db/cyborg?nonsense=hunter2", "an argument of the URL is unknown")]
    [InlineData("postgresql://u:hunter2@db/cyborg?sslmode", "has no value")]
    [InlineData("postgresql://u:hunter2@db/cyborg?sslmode=hunter2", "sslmode must be")]
    [InlineData("postgresql://u:hunter2@db/cyborg?connect_timeout=-1", "connect_timeout must be")]
    [InlineData("postgresql://u:hunter2@db/cyborg?target_session_attrs=hunter2", "bad value of target_session_attrs")]
    [InlineData("sqlite://", "sqlite takes no host")]
    [InlineData("sqlite:///", "sqlite needs a file")]
    [InlineData("sqlite:///:memory:", "sqlite needs a file")]
    [InlineData("sqlite:////var/lib/", "sqlite needs a file")]
    [InlineData("sqlite://host/hunter2", "sqlite takes no host")]
    [InlineData("sqlite:////a%00b", "NUL")]
    public void A_bad_url_is_refused_in_one_line_without_its_password(string url, string says)
    {
        var refused = Assert.Throws<DatabaseUrlException>(() => DatabaseUrl.Parse(url));

        Assert.StartsWith("[database] connection: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);
    }
}
