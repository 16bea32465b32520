using System.Diagnostics.CodeAnalysis;

namespace NATS.NKeys;

/// <summary>Whose key it is. The upper five bits are the first letter of the public key.</summary>
[SuppressMessage("Design", "CA1008:Enums should have zero value", Justification = "Zero is the letter A, an account.")]
[SuppressMessage("Design", "CA1028:Enum Storage should be Int32", Justification = "The wire format has one byte.")]
public enum PrefixByte : byte
{
    /// <summary>An account, A.</summary>
    Account = 0,
    /// <summary>A cluster, C.</summary>
    Cluster = 2 << 3,
    /// <summary>A server, N.</summary>
    Server = 13 << 3,
    /// <summary>An operator, O.</summary>
    Operator = 14 << 3,
    /// <summary>A user, U.</summary>
    User = 20 << 3,
}
