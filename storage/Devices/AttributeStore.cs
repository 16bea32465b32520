using Cyborg.Model;
using Cyborg.Storage.Rows;
using LinqToDB;
using LinqToDB.Async;

namespace Cyborg.Storage;

/// <summary>Statements on attributes.</summary>
public static class AttributeStore
{
    /// <summary>Attributes that match every given filter; oldest first. One statement.</summary>
    public static Task<List<DeployableAttribute>> ListAsync(Session session, int? deployableId, string? key)
    {
        IQueryable<AttributeRow> rows = session.Attributes;
        if (deployableId is { } id)
            rows = rows.Where(row => row.DeployableId == id);
        if (key is not null)
            rows = rows.Where(row => row.Key == key);
        return Shown(rows).ToListAsync();
    }

    /// <summary>One attribute, or null. One statement.</summary>
    public static Task<DeployableAttribute?> FindAsync(Session session, Guid uuid) =>
        Shown(session.Attributes.Where(row => row.Uuid == uuid)).FirstOrDefaultAsync();

    /// <summary>Makes an operator's attribute, which reports leave alone; false if the deployable does not exist.</summary>
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
            return true;
        }
        catch (Exception error) when (Violations.IsForeignKeyViolation(error))
        {
            return false;
        }
    }

    /// <summary>Deletes an attribute; false if there was none.</summary>
    public static async Task<bool> DeleteAsync(Session session, Guid uuid) =>
        await session.Attributes.Where(row => row.Uuid == uuid).DeleteAsync() == 1;

    internal static IQueryable<DeployableAttribute> Shown(IQueryable<AttributeRow> rows) =>
        rows.OrderBy(row => row.Id).Select(row => new DeployableAttribute
        {
            Uuid = row.Uuid,
            DeployableId = row.DeployableId,
            Key = row.Key,
            Value = row.Value,
            MadeByOperator = row.MadeByOperator,
            CreatedAt = row.CreatedAt,
            UpdatedAt = row.UpdatedAt,
        });
}
