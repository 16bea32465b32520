using Cyborg.Model;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage;

/// <summary>Statements on attributes.</summary>
public static class AttributeStore
{
    /// <summary>All attributes, oldest first. One statement.</summary>
    public static Task<List<DeployableAttribute>> AllAsync(Session session) =>
        session.Attributes.OrderBy(row => row.Id).Select(row => new DeployableAttribute
        {
            Uuid = row.Uuid,
            DeployableId = row.DeployableId,
            Key = row.Key,
            Value = row.Value,
            MadeByOperator = row.MadeByOperator,
            CreatedAt = row.CreatedAt,
            UpdatedAt = row.UpdatedAt,
        }).ToListAsync();

    /// <summary>Makes an operator's attribute, which reports leave alone; false if the deployable does not exist. Two statements.</summary>
    public static async Task<bool> InsertAsync(Session session, DeployableAttribute attribute)
    {
        try
        {
            await session.InsertIdAsync(new AttributeRow
            {
                Uuid = attribute.Uuid,
                DeployableId = attribute.DeployableId,
                Key = attribute.Key,
                Value = attribute.Value,
                MadeByOperator = attribute.MadeByOperator,
                CreatedAt = attribute.CreatedAt,
            });
            session.MarkChanged(RevisionRow.Devices);
            session.ProvidersChanged(await (from deployable in session.Deployables
                                            join device in session.Devices on deployable.DeviceId equals device.Id
                                            where deployable.Id == attribute.DeployableId
                                            select device.Hostname).FirstAsync());
            return true;
        }
        catch (Exception error) when (Violations.IsForeignKeyViolation(error))
        {
            return false;
        }
    }

    /// <summary>Deletes an attribute; false if there was none. One that a driver reported is missed by its host's checksum, so that the next
    /// heartbeat brings it back. Two statements; three for a driver's.</summary>
    public static async Task<bool> DeleteAsync(Session session, Guid uuid)
    {
        var attribute = await (from row in session.Attributes
                               join deployable in session.Deployables on row.DeployableId equals deployable.Id
                               join device in session.Devices on deployable.DeviceId equals device.Id
                               where row.Uuid == uuid
                               select new { row.MadeByOperator, device.Hostname }).FirstOrDefaultAsync();
        if (attribute is null)
            return false;
        if (!attribute.MadeByOperator)
            await HostStore.ForgetReportAsync(session, [attribute.Hostname]);
        var deleted = await session.Attributes.Where(row => row.Uuid == uuid).DeleteAsync() == 1;
        if (!deleted)
            return false;
        session.MarkChanged(RevisionRow.Devices);
        session.ProvidersChanged(attribute.Hostname);
        return true;
    }
}
