namespace Cyborg.Storage;

/// <summary>The schema is newer than this program, which must not touch what it does not know.</summary>
public sealed class DatabaseSchemaException : Exception
{
    internal DatabaseSchemaException(long found, long known)
        : base($"The database is at schema version {found}, this program knows {known}: install the newer program.")
    {
    }
}
