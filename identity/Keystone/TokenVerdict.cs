namespace Cyborg.Identity.Keystone;

internal enum TokenStatus
{
    Valid,
    Invalid,
    /// <summary>Keystone cannot say: never to be taken for valid.</summary>
    Unavailable,
}

/// <summary>The result of a validation. <see cref="Data"/> is there exactly if the token is valid.</summary>
internal sealed record TokenVerdict(TokenStatus Status, TokenData? Data)
{
    public static readonly TokenVerdict Invalid = new(TokenStatus.Invalid, null);
    public static readonly TokenVerdict Unavailable = new(TokenStatus.Unavailable, null);

    public static TokenVerdict Valid(TokenData data) => new(TokenStatus.Valid, data);
}
