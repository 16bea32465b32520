using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Cyborg.Hosting.Doctor;

/// <summary>What the doctor of one service has found.</summary>
/// <param name="Program">The service's program.</param>
/// <param name="Host">The host's name on the bus.</param>
/// <param name="Time">When it looked.</param>
/// <param name="Lines">One per check, in their order.</param>
public sealed record DoctorPage(string Program, string Host, DateTimeOffset Time, IReadOnlyList<DoctorLine> Lines)
{
    private const int NameWidth = 22;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The exit code for scripts: 0 all is well, 1 something should be looked at, 2 something does not work.</summary>
    public int ExitCode => Lines.Select(line => line.Finding.Verdict).DefaultIfEmpty(DoctorVerdict.Ok).Max() switch
    {
        DoctorVerdict.Failure => 2,
        DoctorVerdict.Warning => 1,
        _ => 0,
    };

    /// <summary>Asks all checks at the same time, each for so long at most.</summary>
    /// <param name="program">The service's program.</param>
    /// <param name="host">The host's name on the bus.</param>
    /// <param name="checks">The checks, in the order of the page.</param>
    /// <param name="limit">Time of one check.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<DoctorPage> AskAsync(
        string program, string host, IReadOnlyList<DoctorCheck> checks, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        var lines = await Task.WhenAll(checks.Select(check => AskAsync(check, limit, time, cancellationToken))).ConfigureAwait(false);
        return new DoctorPage(program, host, time.GetUtcNow(), lines);
    }

    /// <summary>The page for people.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Program} on {Host}, {Time:yyyy-MM-dd HH:mm:ss}Z\n");
        foreach (var (name, finding) in Lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Word(finding.Verdict),-5} {name.PadRight(NameWidth)} {Shown(finding.Text)}\n");
            if (finding.Remedy is { } remedy)
                text.Append(' ', 6 + NameWidth).Append(" -> ").Append(Shown(remedy)).Append('\n');
        }
        var counts = Lines.CountBy(line => line.Finding.Verdict).ToDictionary();
        text.Append(CultureInfo.InvariantCulture,
            $"{Lines.Count} checks: {Count(DoctorVerdict.Ok)} ok, {Count(DoctorVerdict.Warning)} to look at, {Count(DoctorVerdict.Failure)} failed, {Count(DoctorVerdict.Skipped)} not asked\n");
        return text.ToString();

        int Count(DoctorVerdict verdict) => counts.GetValueOrDefault(verdict);
    }

    /// <summary>The page for programs.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            Program,
            Host,
            Time = Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            Checks = Lines.Select(line => new
            {
                line.Name,
                Verdict = line.Finding.Verdict.ToString().ToLowerInvariant(),
                line.Finding.Text,
                line.Finding.Remedy,
            }),
            ExitCode,
        },
        Json);

    private static async Task<DoctorLine> AskAsync(DoctorCheck check, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            // On a thread of its own, and not waited for beyond its time: a check may block, or not heed its token.
            var finding = await Task.Run(() => check.Look(both.Token), CancellationToken.None).WaitAsync(both.Token).ConfigureAwait(false);
            return new DoctorLine(check.Name, finding);
        }
        catch (Exception) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new DoctorLine(
                check.Name, DoctorFinding.Failure(FormattableString.Invariant($"no answer within {limit.TotalSeconds} s"), check.WhenSilent));
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            return new DoctorLine(
                check.Name, DoctorFinding.Failure($"the check itself broke ({error.GetType().Name})", "Tell the developers, with the page and the service's log."));
        }
    }

    private static string Shown(string text) => Printable.Escape(text.ReplaceLineEndings("; "), 400);

    private static string Word(DoctorVerdict verdict) => verdict switch
    {
        DoctorVerdict.Ok => "ok",
        DoctorVerdict.Skipped => "-",
        DoctorVerdict.Warning => "WARN",
        _ => "FAIL",
    };
}
