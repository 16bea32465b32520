using System.Net;
using System.Text;

namespace Cyborg.E2E.Tests;

/// <summary>With tokens whose signature the API checks itself, and the new default policies.</summary>
[Collection(JwsCollection.Name)]
public sealed class JwsAccessTests(JwsCloud cloud) : AccessTests(cloud)
{
    private string? _expired, _genuine;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        if (TestContext.Current.TestMethod?.MethodName != nameof(While_Keystone_is_away_nobody_new_gets_in_and_then_everybody_does)) return;
        _expired = await Cloud.As("demo_member").ShortLivedTokenAsync(TimeSpan.FromSeconds(30), Stop);
        _genuine = await Cloud.As("demo_member").NewTokenAsync(Scope.Project, Stop);
    }

    /// <summary>A token that Keystone would refuse anyway is refused without it: 401, where one that might be good waits for Keystone, 503.</summary>
    private protected override async Task WithoutKeystoneAsync()
    {
        var parts = _genuine!.Split('.');
        var (header, claims, signature) = (parts[0], parts[1], parts[2]);
        (await AskAsync(_genuine, "/device_profiles")).Expect(HttpStatusCode.ServiceUnavailable);
        string[] forged =
        [
            $"{header}.{claims}.{Flip(signature)}",
            $"{header}.{Flip(claims)}.{signature}",
            $"{header}.{claims}.",
            $"{Base64("""{"alg":"none","typ":"JWT"}""")}.{claims}.",
            $"{Base64("""{"alg":"HS256","typ":"JWT"}""")}.{claims}.{signature}",
        ];
        foreach (var token in forged)
            (await AskAsync(token, "/device_profiles")).Expect(HttpStatusCode.Unauthorized);
        await Eventually.IsAsync("the expired token is refused without Keystone", TimeSpan.FromMinutes(2),
            _ => AskAsync(_expired!, "/device_profiles"), answer => answer.Status == HttpStatusCode.Unauthorized, Stop);
    }

    /// <summary>Another letter in the middle: the last one may hold bits that mean nothing.</summary>
    private static string Flip(string text) => text[..20] + (text[20] == 'A' ? 'B' : 'A') + text[21..];

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
