namespace Cyborg.Cli;

/// <summary>What pages of services show.</summary>
internal static class ServiceColumns
{
    /// <summary>Everything, in order.</summary>
    public static IReadOnlyList<Column> All { get; } =
    [
        Column.Of("host"), Column.Of("driver"), Column.Of("backend"), Column.Of("function"), Column.Of("state"), Column.Of("accelerators"),
        Column.Of("state_reason"),
    ];
}
