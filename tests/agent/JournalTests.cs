using System.Text;
using Cyborg.Agent.Journal;
using Cyborg.Messaging.Contracts;

namespace Cyborg.Agent.Tests;

public sealed class JournalTests : IAsyncDisposable
{
    private readonly string _folder = Path.Combine(Directory.CreateTempSubdirectory("cyborg-journal-").FullName, "agent");
    private readonly ManualTime _time = new();
    private readonly CapturedLogs _logs = new();

    private string JournalPath => Path.Combine(_folder, "journal.json");

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_is_written_is_read_by_the_next_start()
    {
        var attached = Entry(7) with { Stage = HandleStage.Done };
        var failed = Entry(2) with { Verb = HandleVerb.Detach, Stage = HandleStage.Failed, Error = "no \"power\"\nat all" };
        var inFlight = Entry(long.MaxValue);
        AgentIdentity first;
        await using (var journal = Open())
        {
            first = journal.Identity;
            foreach (var entry in new[] { attached, failed, inFlight })
                await journal.ChangeAsync(state => state.WithAsked(entry));
            await journal.ChangeAsync(state => state with { SyncedEpoch = 9 });
        }
        await using var next = Open();
        Assert.Equal((first.AgentId, 2), (next.Identity.AgentId, next.Identity.BootNumber));
        Assert.NotEqual(first.BootId, next.BootId);
        Assert.Equal(9, next.State.SyncedEpoch);
        Assert.Equal(3, next.State.Handles.Count);
        foreach (var entry in new[] { attached, failed, inFlight })
            Assert.Equal(entry, next.State.Of(entry.Handle));
        Assert.Contains(inFlight.Handle.ToString(), Assert.Single(_logs.Of(3064)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_start_is_on_the_disk_before_anybody_is_served()
    {
        await Open().DisposeAsync();
        await Open().DisposeAsync();
        await using var journal = Open();
        Assert.Equal(3, journal.Identity.BootNumber);
        Assert.Contains("\"boot_number\":3", await File.ReadAllTextAsync(JournalPath, Token), StringComparison.Ordinal);
        Assert.Contains("\"boot_number\":3", await File.ReadAllTextAsync(Path.Combine(_folder, "agent-id"), Token), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(JournalPath));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder));
    }

    [Fact]
    public async Task A_folder_has_one_agent_at_a_time()
    {
        var holder = Open();
        Assert.Contains("another agent", Assert.Throws<IOException>(() => { Open(); }).Message, StringComparison.Ordinal);
        await holder.DisposeAsync();
        await using var next = Open();
        Assert.Equal(2, next.Identity.BootNumber);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_an_error_that_names_it()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder)!);
        File.WriteAllText(_folder, "");
        Assert.Contains(_folder, Assert.Throws<IOException>(() => { Open(); }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_torn_journal_is_set_aside_and_the_agent_stays_who_it_was()
    {
        AgentIdentity before;
        await using (var journal = Open())
        {
            before = journal.Identity;
            await journal.ChangeAsync(state => state.WithAsked(Entry(5)) with { SyncedEpoch = 4 });
        }
        var torn = (await File.ReadAllBytesAsync(JournalPath, Token))[..^10];
        await File.WriteAllBytesAsync(JournalPath, torn, Token);
        await using var next = Open();
        Assert.Equal((before.AgentId, 2, 0), (next.Identity.AgentId, next.Identity.BootNumber, next.State.SyncedEpoch));
        Assert.Empty(next.State.Handles);
        var aside = Assert.Single(Directory.GetFiles(_folder, "journal.json.corrupt-*"));
        Assert.EndsWith("journal.json.corrupt-19700101T000000Z", aside, StringComparison.Ordinal);
        Assert.Equal(torn, await File.ReadAllBytesAsync(aside, Token));
        Assert.Single(_logs.Of(3060));
        Assert.Single(_logs.Of(3061));
    }

    [Fact]
    public async Task With_both_files_lost_the_agent_is_another_one()
    {
        AgentIdentity before;
        await using (var journal = Open())
            before = journal.Identity;
        await File.WriteAllTextAsync(JournalPath, "", Token);
        await File.WriteAllTextAsync(Path.Combine(_folder, "agent-id"), "no", Token);
        await using var next = Open();
        Assert.NotEqual(before.AgentId, next.Identity.AgentId);
        Assert.Equal(1, next.Identity.BootNumber);
        Assert.Equal(2, _logs.Of(3060).Count());
    }

    [Fact]
    public async Task A_start_that_died_before_its_journal_still_counts()
    {
        await Open().DisposeAsync();
        var journal = await File.ReadAllBytesAsync(JournalPath, Token);
        await Open().DisposeAsync();
        await Open().DisposeAsync();
        await File.WriteAllBytesAsync(JournalPath, journal, Token);
        await using var next = Open();
        Assert.Equal(4, next.Identity.BootNumber);
    }

    [Fact]
    public async Task A_second_corrupt_file_of_the_same_second_is_kept_too()
    {
        for (var i = 0; i < 3; i++)
        {
            await Open().DisposeAsync();
            await File.WriteAllTextAsync(JournalPath, $"torn {i}", Token);
        }
        await Open().DisposeAsync();
        Assert.Equal(
            ["torn 0", "torn 1", "torn 2"],
            Directory.GetFiles(_folder, "journal.json.corrupt-*").Order(StringComparer.Ordinal).Select(File.ReadAllText));
    }

    [Fact]
    public async Task A_file_cut_short_at_any_length_is_never_believed()
    {
        var whole = await WrittenAsync();
        using var folder = StateFolder.Hold(_folder, _time, _logs);
        for (var length = 0; length < whole.Length; length++)
        {
            await File.WriteAllBytesAsync(JournalPath, whole[..length], Token);
            Assert.Null(Read(folder));
            Assert.False(File.Exists(JournalPath));
        }
        await File.WriteAllBytesAsync(JournalPath, whole, Token);
        Assert.NotNull(Read(folder));
        Assert.Equal(whole.Length, _logs.Of(3060).Count());
    }

    [Fact]
    public async Task A_file_altered_anywhere_is_never_believed()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var dice = new Random(seed);
        var whole = await WrittenAsync();
        Assert.NotNull(SealedText.Open(whole));
        for (var i = 0; i < whole.Length; i++)
        {
            var altered = whole.ToArray();
            altered[i] ^= (byte)(1 << dice.Next(8));
            Assert.True(SealedText.Open(altered) is null, $"seed {seed}, byte {i}");
        }
        for (var round = 0; round < 2000; round++)
        {
            // As a disk does it: a part of another version, zeros, or more than there was.
            var (from, count) = (dice.Next(whole.Length), dice.Next(1, 64));
            var altered = dice.Next(3) switch
            {
                0 => [.. whole[..from], .. new byte[count], .. whole[Math.Min(from + count, whole.Length)..]],
                1 => [.. whole[..from], .. whole[Math.Min(from + count, whole.Length)..]],
                _ => (byte[])[.. whole[..from], .. whole[dice.Next(whole.Length)..]],
            };
            Assert.True(altered.SequenceEqual(whole) || SealedText.Open(altered) is null, $"seed {seed}, round {round}");
        }
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"version":2,"agent_id":"6f6a1a0e-9a0f-4ac6-9a3b-111111111111","boot_number":1,"synced_epoch":0,"handles":[]}""")]
    [InlineData("""{"version":1,"agent_id":"00000000-0000-0000-0000-000000000000","boot_number":1,"synced_epoch":0,"handles":[]}""")]
    [InlineData("""{"version":1,"agent_id":"6f6a1a0e-9a0f-4ac6-9a3b-111111111111","boot_number":0,"synced_epoch":0,"handles":[]}""")]
    [InlineData("""{"version":1,"agent_id":"6f6a1a0e-9a0f-4ac6-9a3b-111111111111","boot_number":1,"synced_epoch":0,"handles":null}""")]
    [InlineData("""{"version":1,"agent_id":"6f6a1a0e-9a0f-4ac6-9a3b-111111111111","boot_number":1,"synced_epoch":0,"handles":[null]}""")]
    public void Content_that_makes_no_sense_is_set_aside_though_its_line_is_right(string content)
    {
        using var folder = StateFolder.Hold(_folder, _time, _logs);
        File.WriteAllBytes(JournalPath, SealedText.Seal(Encoding.UTF8.GetBytes(content)));
        Assert.Null(Read(folder));
        Assert.Single(_logs.Of(3060));
    }

    [Fact]
    public async Task Changes_that_come_together_share_a_write()
    {
        await using var journal = Open();
        var before = journal.Writes;
        var entries = Enumerable.Range(1, 500).Select(n => Entry(n)).ToList();
        await Task.WhenAll(entries.Select(entry => journal.ChangeAsync(state => state.WithAsked(entry))));
        Assert.InRange(journal.Writes - before, 1, 250);
        Assert.Equal(500, journal.State.Handles.Count);
    }

    [Fact]
    public async Task A_change_that_changes_nothing_writes_nothing()
    {
        await using var journal = Open();
        var entry = Entry(3);
        await journal.ChangeAsync(state => state.WithAsked(entry));
        var before = journal.Writes;
        await journal.ChangeAsync(state => state.WithAsked(entry with { Generation = 2 }));
        await journal.ChangeAsync(state => state.WithOutcome(entry with { Generation = 2, Stage = HandleStage.Done }));
        Assert.Equal(before, journal.Writes);
        Assert.Equal(entry, journal.State.Of(entry.Handle));
    }

    [Fact]
    public async Task What_cannot_be_written_has_not_happened()
    {
        await using var journal = Open();
        var (entry, later) = (Entry(3), Entry(1));
        Directory.CreateDirectory(JournalPath + ".new");
        await Assert.ThrowsAsync<IOException>(() => journal.ChangeAsync(state => state.WithAsked(entry)));
        Assert.Null(journal.State.Of(entry.Handle));
        Directory.Delete(JournalPath + ".new");
        await journal.ChangeAsync(state => state.WithAsked(later));
        Assert.Equal([later.Handle], journal.State.Handles.Keys);
    }

    [Fact]
    public async Task Handles_that_are_free_for_long_are_forgotten_and_others_are_not()
    {
        await using var journal = Open();
        var free = Entry(4) with { Verb = HandleVerb.Detach, Stage = HandleStage.Done };
        var attached = Entry(4) with { Stage = HandleStage.Done };
        var stuck = Entry(4) with { Verb = HandleVerb.Detach };
        var failed = Entry(4) with { Verb = HandleVerb.Detach, Stage = HandleStage.Failed, Error = "stuck" };
        foreach (var entry in new[] { free, attached, stuck, failed })
            await journal.ChangeAsync(state => state.WithAsked(entry));
        _time.Advance(AgentJournal.KeepFree.TotalSeconds);
        await journal.ChangeAsync(state => state with { SyncedEpoch = 1 });
        Assert.NotNull(journal.State.Of(free.Handle));
        _time.Advance(1);
        await journal.ChangeAsync(state => state with { SyncedEpoch = 2 });
        Assert.Null(journal.State.Of(free.Handle));
        Assert.Equal(3, journal.State.Handles.Count);
    }

    [Fact]
    public void Handles_are_kept_longer_than_any_call_is_on_its_way() =>
        Assert.True(AgentJournal.KeepFree > new Messaging.BusOptions().MaxTimeLeft);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static HandleEntry Entry(long generation) => new(Guid.NewGuid(), generation, Guid.NewGuid(), HandleVerb.Attach, HandleStage.InFlight);

    private static JournalFile? Read(StateFolder folder) => folder.Read("journal.json", AgentJson.Default.JournalFile, file => file.IsSound());

    private AgentJournal Open()
    {
        var journal = new AgentJournal(_folder, _time, _logs);
        journal.Open();
        return journal;
    }

    private async Task<byte[]> WrittenAsync()
    {
        await using (var journal = Open())
        {
            await journal.ChangeAsync(state => state.WithAsked(Entry(7)));
            await journal.ChangeAsync(state => state.WithAsked(Entry(8) with { Stage = HandleStage.Failed, Error = "no power" }));
        }
        return await File.ReadAllBytesAsync(JournalPath, Token);
    }
}
