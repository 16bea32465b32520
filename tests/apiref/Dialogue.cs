using Cyborg.Functional.Tests;

namespace Cyborg.ApiRef.Tests;

/// <summary>Everything that is asked of the running service here: the transcripts of tests/functional and one beside this, what is wrong with any request whatever it wants
/// (<see cref="CommonFaults"/>), and what needs a conductor that is away or in trouble (<see cref="Troubles"/>).</summary>
public sealed class Dialogue : IAsyncLifetime
{
    private readonly List<Exchange> _exchanges = [];

    internal Contract Contract { get; } = new();

    /// <summary>What of all exchanges is not as the reference says.</summary>
    internal IReadOnlyList<string> Wrongs { get; private set; } = [];

    /// <summary>What is not as this project's own transcript says; empty if all is.</summary>
    internal string Own { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        await using (var service = new Service())
        {
            await service.InitializeAsync();
            service.Client.Dispose();
            service.Client = new HttpClient(new Recorder(_exchanges));
            // Whether the others are right is tests/functional's to say.
            foreach (var name in Transcript.Names)
                Own += await Player.PlayAsync(Transcript.Load(name), service, CancellationToken.None) is var wrongs && name == "reference" ? wrongs : "";
            await CommonFaults.AskAsync(Contract.Reference, service);
        }
        await Troubles.AskAsync(Contract.Reference, _exchanges);
        Wrongs = [.. _exchanges.SelectMany(exchange => Contract.Wrongs(exchange).Select(wrong => (wrong, exchange)))
            .GroupBy(pair => pair.wrong).Select(same => $"{same.Key}\n    in {same.First().exchange}, and in {same.Count() - 1} others")];
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
