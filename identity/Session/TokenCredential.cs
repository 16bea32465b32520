namespace Cyborg.Identity.Session;

/// <summary>A token that somebody has already, turned into one of the wanted scope (<c>auth_type = token</c>).</summary>
public sealed record TokenCredential : ScopedCredential
{
    /// <summary>The token.</summary>
    public required string Token { get; init; }

    internal override byte[] ToBody() => KeystoneAuthBody.Write(this);

    internal override IEnumerable<OptionFault> Faults()
    {
        if (!TokenText.IsAcceptable(Token))
            yield return new("token", Token.Length == 0 ? "is not set" : "is no token: it has to be printable ASCII without blanks");
        foreach (var fault in ScopeFaults())
            yield return fault;
    }
}

/// <summary>No log-in: calls go as they are (<c>auth_type = none</c>), or with a token that nobody looks at before (<c>admin_token</c>). There is no catalog,
/// so <see cref="KeystoneSessionOptions.EndpointOverride"/> has to be set.</summary>
public sealed record NoLogin : KeystoneCredential
{
    /// <summary>The token; null for none.</summary>
    public string? Token { get; init; }

    internal override SessionToken Given => new(Token ?? "", DateTimeOffset.MaxValue, null, []);

    internal override byte[] ToBody() => throw new NotSupportedException("There is nobody to log in to.");

    internal override IEnumerable<OptionFault> Faults()
    {
        if (Token is not null && !TokenText.IsAcceptable(Token))
            yield return new("token", "is no token: it has to be printable ASCII without blanks");
    }
}
