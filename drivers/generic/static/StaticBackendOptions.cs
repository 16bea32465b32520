namespace Cyborg.Drivers.Generic.Static;

/// <summary>Which accelerators the static backend offers: those of a file that an operator writes, and those that were created through the API.</summary>
public sealed record StaticBackendOptions() : GenericBackendOptions(StaticBackend.BackendKind)
{
    /// <summary>The inventory, an absolute path, see <see cref="StaticInventory.Syntax"/>; read anew at each discovery. Null: none.</summary>
    public string? InventoryFile { get; init; }
    /// <summary>Folder, an absolute path, where the backend keeps accelerators that were created; null: none can be.</summary>
    public string? StateFolder { get; init; }
}
