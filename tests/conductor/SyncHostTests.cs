using System.Diagnostics;
using Cyborg.Hosting;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Model;
using Cyborg.TestServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cyborg.Conductor.Tests;

/// <summary>Disable and enable wait a little for the agent to show them in Placement, and are done either way.</summary>
public sealed class SyncHostTests
{
    [Theory, EachDatabase]
    public async Task Disable_and_enable_have_the_agent_sync_once_they_are_committed(DatabaseKind kind)
    {
        await using var stage = await Stage.StartAsync(kind);
        await stage.DisableAsync();
        Assert.Equal((DeviceState.Inactive, 2L), Assert.Single(stage.Seen));
        await stage.EnableAsync();
        // The agent has installed it before.
        Assert.Equal([(DeviceState.Inactive, 2L), (DeviceState.Ready, 4L)], stage.Seen);
        // Asking again is how an operator has a lost one repeated.
        await stage.EnableAsync();
        Assert.Equal((DeviceState.Ready, 4L), stage.Seen[2]);
    }

    [Fact]
    public async Task An_agent_that_can_not_sync_or_is_not_there_does_not_fail_the_call()
    {
        await using var stage = await Stage.StartAsync(DatabaseKind.Sqlite);
        stage.Error = "Placement is away";
        await stage.DisableAsync();
        await stage.StopAgentAsync();
        await stage.EnableAsync();
        Assert.Equal(DeviceState.Installing, await stage.StateAsync());
    }

    [Fact]
    public async Task A_silent_agent_is_waited_for_five_seconds()
    {
        await using var stage = await Stage.StartAsync(DatabaseKind.Sqlite, patience: ConductorOptions.From(CyborgConfig.Empty).AgentPatience);
        stage.Answers = new TaskCompletionSource();
        var began = Stopwatch.GetTimestamp();
        await stage.DisableAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(55));
        Assert.Equal(DeviceState.Inactive, await stage.StateAsync());
        stage.Answers.SetResult();
    }

    [Fact]
    public async Task An_agent_that_writes_nothing_to_placement_is_not_asked()
    {
        await using var stage = await Stage.StartAsync(DatabaseKind.Sqlite, managed: false);
        await stage.DisableAsync();
        Assert.Empty(stage.Seen);
    }

    private sealed class Stage : IAsyncDisposable
    {
        private readonly TestConductor _conductor;
        private readonly BusServer _agent;
        private Guid _device;

        private Stage(TestConductor conductor)
        {
            _conductor = conductor;
            _agent = new BusServer(conductor.Bus.Connect(), TestConductor.Patient, NullLoggerFactory.Instance, TimeProvider.System);
            _agent.Map(Verbs.InstallDevice, (_, _, _) => Task.FromResult(new InstallResult(null)), TestConductor.Host);
            _agent.Map(Verbs.SyncProviders, async (request, _, stop) =>
            {
                Seen.Add((await StateAsync(), request.Version));
                await Answers.Task.WaitAsync(stop);
                return new SyncProvidersResult(Error);
            }, TestConductor.Host);
        }

        /// <summary>The device's state and the version when the agent was asked.</summary>
        public List<(DeviceState State, long Version)> Seen { get; } = [];

        public string? Error { get; set; }

        public TaskCompletionSource Answers { get; set; } = Done();

        /// <param name="kind">Of the database.</param>
        /// <param name="managed">False if its agent writes nothing to Placement.</param>
        /// <param name="patience">How long an agent is waited for; null for longer than any takes here that answers.</param>
        public static async Task<Stage> StartAsync(DatabaseKind kind, bool managed = true, TimeSpan? patience = null)
        {
            var stage = new Stage(await TestConductor.StartAsync(
                kind, quiet: true, change: options => patience is { } most ? options with { AgentPatience = most } : options));
            await stage._agent.StartAsync(TestContext.Current.CancellationToken);
            var card = TestConductor.Card("card", 1);
            var reply = await (managed ? stage._conductor.ReportManagedAsync(card) : stage._conductor.ReportAsync(card));
            stage._device = reply.Install[0].DeviceUuid;
            return stage;
        }

        public Task DisableAsync() => _conductor.CallAsync(Verbs.DisableDevice, new ById(_device));

        public Task EnableAsync() => _conductor.CallAsync(Verbs.EnableDevice, new ById(_device));

        public async Task<DeviceState> StateAsync() => (await _conductor.CallAsync(Verbs.ShowDevice, new ById(_device))).State;

        public ValueTask StopAgentAsync() => _agent.DisposeAsync();

        public async ValueTask DisposeAsync()
        {
            await _agent.DisposeAsync();
            await _conductor.DisposeAsync();
        }

        private static TaskCompletionSource Done()
        {
            var done = new TaskCompletionSource();
            done.SetResult();
            return done;
        }
    }
}
