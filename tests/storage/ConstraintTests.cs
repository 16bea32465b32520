using Cyborg.Model;
using Cyborg.Storage.Rows;
using Cyborg.TestServers;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage.Tests;

public class ConstraintTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory, EachDatabase]
    public Task An_arq_holds_one_handle_at_most(DatabaseKind kind) => RefusesAsync(
        kind,
        async session =>
        {
            var (_, handles) = await Samples.InsertTreeAsync(session, 2);
            var arq = Guid.NewGuid();
            foreach (var handle in handles) await HoldAsync(session, handle, AttachHandleState.Held, arq);
        },
        error => Violations.IsUniqueViolation(error, Violations.AttachHandleHeld));

    [Theory, EachDatabase]
    public async Task An_arq_may_hold_one_handle_while_another_is_being_released(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        await test.Database.TransactAsync(
            async session =>
            {
                var (_, handles) = await Samples.InsertTreeAsync(session, 2);
                var arq = Guid.NewGuid();
                await HoldAsync(session, handles[0], AttachHandleState.Releasing, arq);
                await HoldAsync(session, handles[1], AttachHandleState.Held, arq);
            },
            Cancellation);
    }

    [Theory, EachDatabase]
    public Task A_free_handle_has_no_holder(DatabaseKind kind) => RefusesAsync(
        kind,
        async session =>
        {
            var (_, handles) = await Samples.InsertTreeAsync(session, 1);
            await HoldAsync(session, handles[0], AttachHandleState.Free, Guid.NewGuid());
        },
        Violations.IsCheckViolation);

    [Theory, EachDatabase]
    public Task A_held_handle_has_a_holder(DatabaseKind kind) => RefusesAsync(
        kind,
        async session =>
        {
            var (_, handles) = await Samples.InsertTreeAsync(session, 1);
            await HoldAsync(session, handles[0], AttachHandleState.Held, null);
        },
        Violations.IsCheckViolation);

    [Theory, EachDatabase]
    public async Task A_handle_in_error_may_have_a_holder_or_none(DatabaseKind kind)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);
        await test.Database.TransactAsync(
            async session =>
            {
                var (_, handles) = await Samples.InsertTreeAsync(session, 2);
                await HoldAsync(session, handles[0], AttachHandleState.Error, Guid.NewGuid());
                await HoldAsync(session, handles[1], AttachHandleState.Error, null);
            },
            Cancellation);
    }

    [Theory, EachDatabase]
    public Task A_resource_provider_belongs_to_one_deployable(DatabaseKind kind) => RefusesAsync(
        kind,
        async session =>
        {
            var provider = Guid.NewGuid();
            for (var n = 0; n < 2; n++)
            {
                var (deployable, _) = await Samples.InsertTreeAsync(session, 0);
                await session.Deployables.Where(row => row.Id == deployable.Id).Set(row => row.RpUuid, provider).UpdateAsync(Cancellation);
            }
        },
        error => Violations.IsUniqueViolation(error, Violations.DeployableProvider));

    [Theory, EachDatabase]
    public Task An_address_stands_once_in_its_deployable(DatabaseKind kind) => RefusesAsync(
        kind,
        async session =>
        {
            var (_, handles) = await Samples.InsertTreeAsync(session, 1);
            (handles[0].Id, handles[0].Uuid) = (0, Guid.NewGuid());
            await session.InsertIdAsync(handles[0], Cancellation);
        },
        error => Violations.IsUniqueViolation(error, Violations.AttachHandleInfo) && !Violations.IsUniqueViolation(error, Violations.AttachHandleUuid));

    [Theory, EachDatabase]
    public Task A_profile_name_stands_once(DatabaseKind kind) => RefusesAsync(
        kind,
        async session =>
        {
            await session.InsertIdAsync(Samples.Profile("gold"), Cancellation);
            await session.InsertIdAsync(Samples.Profile("gold"), Cancellation);
        },
        error => Violations.IsUniqueViolation(error, Violations.DeviceProfileName)
            && !Violations.IsUniqueViolation(error, Violations.DeviceProfileUuid)
            && !Violations.IsForeignKeyViolation(error));

    [Theory, EachDatabase]
    public Task A_call_has_one_reply(DatabaseKind kind) => RefusesAsync(
        kind,
        async session =>
        {
            var row = new RpcReplyRow { Id = Guid.NewGuid(), Verb = "v", CreatedAt = session.Now };
            await session.InsertAsync(row, token: Cancellation);
            await session.InsertAsync(row, token: Cancellation);
        },
        error => Violations.IsUniqueViolation(error, Violations.RpcReply));

    [Theory, EachDatabase]
    public Task A_profile_with_arqs_stays(DatabaseKind kind) => RefusesAsync(
        kind,
        async session =>
        {
            var profile = Samples.Profile("used");
            await session.InsertIdAsync(profile, Cancellation);
            await session.InsertIdAsync(new ArqRow { Uuid = Guid.NewGuid(), State = ArqState.Initial, DeviceProfileId = profile.Id }, Cancellation);
            await session.DeviceProfiles.Where(row => row.Id == profile.Id).DeleteAsync(Cancellation);
        },
        Violations.IsForeignKeyViolation);

    [Theory, EachDatabase]
    public Task An_arq_needs_its_profile(DatabaseKind kind) => RefusesAsync(
        kind,
        session => session.InsertIdAsync(new ArqRow { Uuid = Guid.NewGuid(), State = ArqState.Initial, DeviceProfileId = 4711 }, Cancellation),
        Violations.IsForeignKeyViolation);

    [Fact]
    public void A_name_that_no_constraint_has_is_a_mistake() =>
        Assert.Throws<ArgumentException>(() => Violations.IsUniqueViolation(new InvalidOperationException(), "uq_nothing"));

    private static async Task HoldAsync(Session session, AttachHandleRow handle, AttachHandleState state, Guid? arq)
    {
        var rows = await session.AttachHandles.Where(row => row.Id == handle.Id)
            .Set(row => row.State, state).Set(row => row.ArqUuid, arq).UpdateAsync(Cancellation);
        Assert.Equal(1, rows);
    }

    /// <summary>The work fails as expected, and nothing of it stays.</summary>
    private static async Task RefusesAsync(DatabaseKind kind, Func<Session, Task> work, Func<Exception, bool> expected)
    {
        await using var test = await TestDatabase.CreateAsync(kind, cancellation: Cancellation);

        var error = await Record.ExceptionAsync(() => test.Database.TransactAsync(work, Cancellation));

        Assert.NotNull(error);
        Assert.True(expected(error), error.ToString());
        Assert.Equal(0, await test.Database.ReadAsync(session => session.Devices.CountAsync(Cancellation), Cancellation));
        Assert.Equal(0, await test.Database.ReadAsync(session => session.DeviceProfiles.CountAsync(Cancellation), Cancellation));
    }
}
