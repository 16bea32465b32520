using Microsoft.Extensions.Logging;

namespace Cyborg.Identity.Keystone;

/// <summary>What sessions and token validation log. No token, password or secret may be a parameter here.</summary>
internal static partial class KeystoneLog
{
    [LoggerMessage(4000, LogLevel.Information, "Logged in at {Keystone}; the token expires at {ExpiresAt:u}")]
    public static partial void LoggedIn(ILogger logger, string keystone, DateTimeOffset expiresAt);

    [LoggerMessage(4001, LogLevel.Error, "The service cannot log in: {Reason}")]
    public static partial void LogInFailed(ILogger logger, string reason);

    [LoggerMessage(4002, LogLevel.Information, "{Service} answers 401 to the service's token; logging in again")]
    public static partial void OwnTokenRefused(ILogger logger, string service);

    [LoggerMessage(4003, LogLevel.Warning, "{Service} answers {Status}; trying again ({Attempt})")]
    public static partial void RetryAfterStatus(ILogger logger, string service, int status, int attempt);

    [LoggerMessage(4004, LogLevel.Warning, "No answer: {Reason} Trying again ({Attempt})")]
    public static partial void RetryAfterFailure(ILogger logger, string reason, int attempt);

    [LoggerMessage(4005, LogLevel.Warning, "insecure is set: no certificate is checked in calls with the log-in at {Keystone}; whoever stands between can read the password")]
    public static partial void Insecure(ILogger logger, string keystone);

    [LoggerMessage(4010, LogLevel.Error, "A token cannot be validated: {Reason}")]
    public static partial void CannotValidate(ILogger logger, string reason);

    [LoggerMessage(4011, LogLevel.Error, "A token cannot be validated: Keystone answers 401 to the service's own token, and to a new one, too")]
    public static partial void ValidationUnauthorized(ILogger logger);

    [LoggerMessage(4012, LogLevel.Information, "A token of an application credential with access rules is refused: they are not supported")]
    public static partial void AccessRulesRefused(ILogger logger);

    [LoggerMessage(4013, LogLevel.Debug, "A JWS token is refused without asking Keystone: {Reason}")]
    public static partial void JwsRefused(ILogger logger, string reason);

    [LoggerMessage(4014, LogLevel.Error, "The folder of Keystone's public keys (jws_public_keys) {Reason}; the keys from before stay")]
    public static partial void JwsKeysBroken(ILogger logger, string reason);

    [LoggerMessage(4015, LogLevel.Information, "Keystone's public keys are read: {Count}")]
    public static partial void JwsKeysRead(ILogger logger, int count);

    [LoggerMessage(4020, LogLevel.Debug, "A service token is refused: it has none of the accepted roles")]
    public static partial void ServiceRolesMissing(ILogger logger);
}
