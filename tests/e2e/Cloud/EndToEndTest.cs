namespace Cyborg.E2E.Tests;

/// <summary>A test that says, when it fails, what the services said.</summary>
public abstract class EndToEndTest(CloudUnderTest cloud) : IAsyncLifetime
{
    private protected CloudUnderTest Cloud => cloud;

    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>What the compute node has in this test.</summary>
    private protected virtual Cards Cards { get; } = new();

    public virtual async ValueTask InitializeAsync() => await cloud.PrepareAsync(Cards, Stop);

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (TestContext.Current.TestState is { Result: TestResult.Failed })
            TestContext.Current.TestOutputHelper?.WriteLine(await cloud.TellAsync(CancellationToken.None));
    }
}
