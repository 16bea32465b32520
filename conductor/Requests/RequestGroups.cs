using System.Text.Json;
using Cyborg.Conductor.Nova;
using Cyborg.Messaging;
using Cyborg.Messaging.Contracts;
using Cyborg.Storage;
using Microsoft.Extensions.Logging;

namespace Cyborg.Conductor.Requests;

/// <summary>Does the plain calls of the accelerator requests' life, those that come at the same time together, in two batches of statements and one commit. A call that
/// is not plain, or not well, is left to its handler, which does it alone and knows what to answer. On SQLite all are.</summary>
internal sealed class RequestGroups : IDisposable
{
    private static readonly byte[] s_done = JsonSerializer.SerializeToUtf8Bytes(Done.Instance, Verbs.BindArqs.ReplyJson);

    private readonly CyborgDatabase _database;
    private readonly NovaOptions _nova;
    private readonly Combined<GroupedCreate> _creates;
    private readonly Combined<GroupedBind> _binds;
    private readonly Combined<GroupedDelete> _deletes;
    private readonly SemaphoreSlim _alone;

    /// <param name="database">The state.</param>
    /// <param name="nova">Whether Nova is told of binds.</param>
    /// <param name="aloneAtOnce">How many calls may be done alone at the same time: each has a connection of its own.</param>
    /// <param name="log">Told of groups that fail.</param>
    public RequestGroups(CyborgDatabase database, NovaOptions nova, int aloneAtOnce, ILogger log)
    {
        (_database, _nova, _alone) = (database, nova, new SemaphoreSlim(aloneAtOnce));
        void Failed(Exception error) => Log.GroupFailed(log, error);
        _creates = new Combined<GroupedCreate>(CreateAsync, Failed);
        _binds = new Combined<GroupedBind>(BindAsync, Failed);
        _deletes = new Combined<GroupedDelete>(DeleteAsync, Failed);
    }

    /// <summary>Device profiles that groups know; learnt by those who create alone.</summary>
    public KnownProfiles Profiles { get; } = new();

    /// <summary>The ARQs, if they could be made; null if they are to be made alone.</summary>
    public async Task<ArqList?> TryCreateAsync(CreateArqs request, CallContext call)
    {
        if (!_database.IsPostgres || call.IdempotencyId is not { } id || Profiles.Find(request.ProfileName) is not { } profile)
            return null;
        var made = new ArqList(CreateRequests.Make(profile.Name, profile.Counts, call.Caller.ProjectId, _database.Now()));
        var reply = JsonSerializer.SerializeToUtf8Bytes(made, Verbs.CreateArqs.ReplyJson);
        return await _creates.TryAsync(new GroupedCreate(id, reply, profile.Id, profile.Name, made.Arqs)) ? made : null;
    }

    /// <summary>True if the ARQs are bound; false if they are to be bound alone.</summary>
    public Task<bool> TryBindAsync(BindArqs request, CallContext call) =>
        _database.IsPostgres && call.IdempotencyId is { } id
            ? _binds.TryAsync(new GroupedBind(id, request.Scope, call.Caller.ProjectId, request.Bindings))
            : Task.FromResult(false);

    /// <summary>True if the ARQs are deleted; false if they are to be deleted alone.</summary>
    public Task<bool> TryDeleteAsync(DeleteArqs request, CallContext call) =>
        _database.IsPostgres && call.IdempotencyId is { } id
            ? _deletes.TryAsync(new GroupedDelete(
                id, Mutations.NameOf(Verbs.DeleteArqs), request.Scope, [.. request.Uuids.Distinct()], Instance: null, request.AlsoBound))
            : Task.FromResult(false);

    /// <summary>True if the ARQs of the instance are deleted; false if they are to be deleted alone.</summary>
    public Task<bool> TryDeleteAsync(DeleteInstanceArqs request, CallContext call) =>
        _database.IsPostgres && call.IdempotencyId is { } id
            ? _deletes.TryAsync(new GroupedDelete(
                id, Mutations.NameOf(Verbs.DeleteInstanceArqs), request.Scope, [], request.InstanceUuid, AlsoBound: true))
            : Task.FromResult(false);

    /// <summary>Does a call alone, when its turn has come.</summary>
    public async Task<T> AloneAsync<T>(Func<Task<T>> work, CancellationToken stop)
    {
        await _alone.WaitAsync(stop);
        try
        {
            return await work();
        }
        finally
        {
            _alone.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _alone.Dispose();

    private async Task<IReadOnlySet<GroupedCreate>> CreateAsync(IReadOnlyList<GroupedCreate> calls)
    {
        await using var together = await _database.TogetherAsync(CancellationToken.None);
        var done = await CreateGroup.RunAsync(together, Mutations.NameOf(Verbs.CreateArqs), calls);
        return calls.Where(call => done.Contains(call.CallId)).ToHashSet();
    }

    private async Task<IReadOnlySet<GroupedBind>> BindAsync(IReadOnlyList<GroupedBind> calls)
    {
        await using var together = await _database.TogetherAsync(CancellationToken.None);
        var look = await BindGroup.LookAsync(together, Mutations.NameOf(Verbs.BindArqs), s_done, calls);
        var plan = GroupRules.Decide(calls, look, Profiles.Find);
        if (plan.Done.Count > 0)
        {
            var terms = new BindTerms([.. look.Claimed.Except(plan.Done.Select(call => call.CallId))], _nova.IsTold, _nova.FirstCheckSeconds);
            await BindGroup.CommitAsync(together, plan.Takings, terms);
        }
        return plan.Done.ToHashSet();
    }

    private async Task<IReadOnlySet<GroupedDelete>> DeleteAsync(IReadOnlyList<GroupedDelete> calls)
    {
        await using var together = await _database.TogetherAsync(CancellationToken.None);
        var look = await DeleteGroup.LookAsync(together, s_done, calls);
        var plan = GroupRules.Decide(calls, look);
        if (plan.Done.Count > 0)
            await DeleteGroup.CommitAsync(together, plan.Arqs, [.. look.Claimed.Except(plan.Done.Select(call => call.CallId))]);
        return plan.Done.ToHashSet();
    }
}
