namespace Cyborg.Placement;

/// <summary>How much of one resource class a provider has. Always written with all its fields.</summary>
/// <param name="Total">How many there are, at least 1.</param>
/// <param name="Reserved">How many of them are not to be handed out.</param>
/// <param name="MinUnit">Fewest in one allocation.</param>
/// <param name="MaxUnit">Most in one allocation.</param>
/// <param name="StepSize">Allocations are multiples of it.</param>
/// <param name="AllocationRatio">More than 1 sells more than there is.</param>
internal sealed record InventoryRecord(int Total, int Reserved, int MinUnit, int MaxUnit, int StepSize, double AllocationRatio)
{
    /// <summary>The record of our own classes.</summary>
    public static InventoryRecord Of(int total, int reserved) => new(total, reserved, 1, total, 1, 1.0);

    /// <summary>Nothing of it can be handed out.</summary>
    public InventoryRecord AllReserved() => this with { Reserved = Total };

    /// <summary>This one as far as it offers no more than <paramref name="shown"/> does: what may be written without the right to grow.</summary>
    public InventoryRecord NoMoreThan(InventoryRecord shown)
    {
        var total = Math.Min(Total, shown.Total);
        return shown with
        {
            Total = total,
            Reserved = Math.Min(total, Math.Max(Reserved, shown.Reserved)),
            MaxUnit = Math.Min(MaxUnit, shown.MaxUnit),
            AllocationRatio = Math.Min(AllocationRatio, shown.AllocationRatio),
        };
    }

    /// <summary>True if it offers nothing that <paramref name="shown"/> does not.</summary>
    public bool IsWithin(InventoryRecord shown) => this == NoMoreThan(shown);
}
