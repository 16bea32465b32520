namespace Cyborg.Functional.Tests;

/// <summary>The behaviour of the service, played from the files beside this one.</summary>
public sealed class Transcripts(Service service) : IClassFixture<Service>
{
    public static TheoryData<string> Names => [.. Transcript.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_service_answers_as_written(string name)
    {
        var wrongs = await Player.PlayAsync(Transcript.Load(name), service, TestContext.Current.CancellationToken);
        Assert.True(wrongs.Length == 0, wrongs);
    }
}
