using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage;

/// <summary>An ARQ without an owner.</summary>
/// <param name="Id">Its key.</param>
/// <param name="Instance">The instance that it is bound to.</param>
public sealed record OwnerlessArq(int Id, Guid Instance);

/// <summary>Statements of an online migration: ARQs without an owner, which releases before Wallaby have written, get the one of their instance.</summary>
public static class ArqOwners
{
    /// <summary>ARQs of instances that have no owner, in the order of their keys. One statement.</summary>
    /// <param name="session">Reads.</param>
    /// <param name="after">Key of the last one that was seen; 0 to begin.</param>
    /// <param name="most">Most of them.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task<List<OwnerlessArq>> ListAsync(Session session, int after, int most, CancellationToken cancellationToken) =>
        session.Arqs.Where(arq => arq.ProjectId == null && arq.InstanceUuid != null && arq.Id > after)
            .OrderBy(arq => arq.Id)
            .Select(arq => new OwnerlessArq(arq.Id, arq.InstanceUuid!.Value))
            .Take(most)
            .ToListAsync(cancellationToken);

    /// <summary>How many ARQs of instances have no owner. One statement.</summary>
    /// <param name="session">Reads.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task<int> CountAsync(Session session, CancellationToken cancellationToken) =>
        session.Arqs.CountAsync(arq => arq.ProjectId == null && arq.InstanceUuid != null, cancellationToken);

    /// <summary>Gives an instance's ARQs their owner, those that have none. One statement.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="instance">The instance.</param>
    /// <param name="project">Its project.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many were changed.</returns>
    public static Task<int> SetAsync(Session session, Guid instance, string project, CancellationToken cancellationToken) =>
        session.Arqs.Where(arq => arq.InstanceUuid == instance && arq.ProjectId == null)
            .Set(arq => arq.ProjectId, project)
            .Set(arq => arq.UpdatedAt, session.Now)
            .UpdateAsync(cancellationToken);
}
