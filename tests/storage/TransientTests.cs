using System.Net.Sockets;
using Cyborg.Model;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Cyborg.Storage.Tests;

public class TransientTests
{
    [Theory]
    [InlineData("40001", "Conflict")]
    [InlineData("40P01", "Conflict")]
    [InlineData("57P01", "ConnectionLost")]
    [InlineData("57P03", "ConnectionLost")]
    [InlineData("53300", "ConnectionLost")]
    [InlineData("08006", "ConnectionLost")]
    [InlineData("23505", null)]
    [InlineData("23503", null)]
    [InlineData("42P01", null)]
    [InlineData("28P01", null)]
    [InlineData("57014", null)]
    [InlineData("25P02", null)]
    public void What_postgresql_says_passes_or_stays(string state, string? reason) =>
        Assert.Equal(reason, Transient.Reason(new InvalidOperationException("wrapped", new PostgresException("m", "ERROR", "ERROR", state)))?.ToString());

    [Theory]
    [InlineData(5, "FileBusy")]
    [InlineData(6, "FileBusy")]
    [InlineData(14, "ConnectionLost")]
    [InlineData(19, null)]
    [InlineData(1, null)]
    public void What_sqlite_says_passes_or_stays(int code, string? reason) =>
        Assert.Equal(reason, Transient.Reason(new SqliteException("m", code))?.ToString());

    [Fact]
    public void A_broken_connection_passes()
    {
        Assert.Equal(TransientReason.ConnectionLost, Transient.Reason(new NpgsqlException("m", new EndOfStreamException())));
        Assert.Equal(TransientReason.ConnectionLost, Transient.Reason(new NpgsqlException("m", new SocketException())));
        Assert.Equal(TransientReason.ConnectionLost, Transient.Reason(new NpgsqlException("m", new AggregateException(new SocketException()))));
    }

    [Fact]
    public void What_the_work_itself_throws_stays()
    {
        Assert.Null(Transient.Reason(new FaultException(FaultCode.Conflict, "m", new PostgresException("m", "ERROR", "ERROR", "40001"))));
        Assert.Null(Transient.Reason(new OperationCanceledException("m", new PostgresException("m", "ERROR", "ERROR", "40001"))));
        Assert.Null(Transient.Reason(new IOException()));
        Assert.Null(Transient.Reason(new TimeoutException()));
    }

    [Fact]
    public void Waits_grow_to_a_second_and_are_spread()
    {
        for (var failures = 1; failures < 40; failures++)
        {
            var most = Math.Min(1_000, 10 * Math.Pow(2, failures - 1));
            Assert.InRange(Transient.Delay(failures).TotalMilliseconds, most / 2, most);
        }
    }
}
