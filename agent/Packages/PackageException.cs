namespace Cyborg.Agent.Packages;

/// <summary>A driver package cannot be used; the text is for the operator and for the API's caller: one sentence that goes on after the package's
/// name.</summary>
internal sealed class PackageException : Exception
{
    public PackageException(string message) : base(message)
    {
    }

    public PackageException(string message, Exception cause) : base(message, cause)
    {
    }
}
