using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace Cyborg.E2E.Tests;

/// <summary>The cloud that the tests run against: any one that <c>OS_*</c> variables name, with whatever accelerator service its catalog has; or that of a
/// <see cref="E2E.Tests.Lab"/>, for which Cyborg's own processes are started here.</summary>
public abstract class CloudUnderTest : IAsyncLifetime
{
    private const int KeptFolders = 20;

    private readonly Dictionary<string, User> _users = [];
    private readonly Rest _rest = new();
    private readonly Lab? _lab;
    private Services? _services;
    private string? _why;

    private protected CloudUnderTest(string tokens, bool enforceNewDefaults)
    {
        (Tokens, EnforcesNewDefaults) = (tokens, enforceNewDefaults);
        _lab = Tests.Lab.Find(tokens);
    }

    /// <summary>Kind of Keystone's tokens, where there is a lab.</summary>
    internal string Tokens { get; }

    /// <summary>The set of default policies of our API.</summary>
    internal bool EnforcesNewDefaults { get; }

    /// <summary>The lab; skips the test where there is none.</summary>
    internal Lab Lab
    {
        get
        {
            if (_lab is null) Assert.Skip($"needs a lab whose users and services it may use as it likes: set {Tests.Lab.Variable}");
            return _lab;
        }
    }

    /// <summary>Our processes; skips the test where they are somebody else's.</summary>
    internal Services Services
    {
        get
        {
            if (_services is null) Assert.Skip($"needs Cyborg's own processes, which are started for a lab alone: set {Tests.Lab.Variable}");
            return _services;
        }
    }

    /// <summary>Asks without a user.</summary>
    internal Rest Rest => _rest;

    /// <summary>Who logs in by the <c>OS_*</c> variables, an administrator; skips the test if there are none.</summary>
    internal User Admin
    {
        get
        {
            if (_why is not null) Assert.Skip(_why);
            return _users["admin"];
        }
    }

    /// <summary>Another user of the lab.</summary>
    internal User As(string name) => Lab is not null && _users.TryGetValue(name, out var user) ? user : throw new InvalidOperationException($"no user {name}");

    /// <summary>Starts all that is needed.</summary>
    public async ValueTask InitializeAsync()
    {
        var stop = TestContext.Current.CancellationToken;
        if (_lab is null)
        {
            UseVariables();
            return;
        }
        await _lab.UpAsync(stop);
        foreach (var name in (string[])["admin", "demo_manager", "demo_member", "demo_reader", "alt_member", "cyborg", "nova"])
            _users[name] = new User(_rest, await _lab.EnvironmentAsync(name, stop));
        _services = await Services.StartAsync(await PlanAsync(stop), stop);
        try
        {
            await PrepareAsync(new Cards(), stop);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw new InvalidOperationException($"{error.Message}\n{_services.Tell(5)}", error);
        }
    }

    /// <summary>Ends what was started here; the lab stays.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_services is not null) await _services.DisposeAsync();
        _rest.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>What the services of the lab and ours have said last, for a test that failed.</summary>
    internal async Task<string> TellAsync(CancellationToken stop)
    {
        if (_services is null || _lab is null) return "";
        var told = _services.Tell(25);
        foreach (var service in (string[])["keystone", "placement", "nova-api", "nova-conductor", "nova-compute"])
            told += $"\n--- {service}\n{await _lab.LogAsync(service, 15, stop)}";
        return told;
    }

    /// <summary>Waits until our processes serve a compute node with these cards; nothing to do for somebody else's.</summary>
    internal async Task PrepareAsync(Cards cards, CancellationToken stop)
    {
        if (_services is null) return;
        await _services.PrepareAsync(cards);
        await WaitUntilServingAsync(stop);
        // An agent that was started anew has reported its cards when the database has their handles as they are now.
        await Eventually.IsAsync("the handles are those of the cards", TimeSpan.FromMinutes(3),
            token => _services.AskDatabaseAsync($"SELECT state FROM attach_handles WHERE host_work = {cards.Seconds > 0}", token),
            handles => handles.Count == cards.Handles, stop);
        // What Placement shows may be a former fixture's. Enabling what is enabled changes nothing, and is answered when the agent has synced.
        var device = (string)(await Admin.GetAsync("accelerator", "/devices", stop))["devices"]![0]!["uuid"]!;
        (await Admin.AskAsync("accelerator", HttpMethod.Post, $"/devices/{device}/enable", null, stop)).Expect(HttpStatusCode.NoContent);
    }

    /// <summary>Waits until the device is there for everybody.</summary>
    internal Task WaitUntilServingAsync(CancellationToken stop) =>
        Eventually.IsAsync("the device is shown and enabled", TimeSpan.FromMinutes(3),
            token => Admin.AskAsync("accelerator", HttpMethod.Get, "/devices", null, token),
            answer => answer.Status == HttpStatusCode.OK && answer.Json["devices"] is JsonArray { Count: 1 } devices && (string)devices[0]!["status"]! == "enabled",
            stop);

    private void UseVariables()
    {
        var variables = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .Where(entry => ((string)entry.Key).StartsWith("OS_", StringComparison.Ordinal))
            .ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!);
        string[] missing = [.. ((string[])["OS_AUTH_URL", "OS_USERNAME", "OS_PASSWORD", "OS_PROJECT_NAME"]).Where(name => !variables.ContainsKey(name))];
        if (missing.Length > 0) _why = $"needs a cloud: set {Tests.Lab.Variable}, or {string.Join(", ", missing)}";
        else _users["admin"] = new User(_rest, variables);
    }

    private async Task<ServicesPlan> PlanAsync(CancellationToken stop)
    {
        var address = new Uri(await _users["admin"].EndpointAsync("accelerator", stop));
        return new ServicesPlan
        {
            Cyborg = _users["cyborg"],
            Port = address.Port,
            EnforceNewDefaults = EnforcesNewDefaults,
            PublicKeys = Tokens == "jws" ? Path.GetDirectoryName(_users["cyborg"].Environment["LAB_JWS_PUBLIC_KEY"]) : null,
            Folder = NewFolder(),
        };
    }

    /// <summary>Of configurations and logs; the oldest of many go.</summary>
    private string NewFolder()
    {
        var all = Directory.CreateDirectory(Path.Combine(RunFolders.Root, "artifacts", "e2e"));
        foreach (var old in all.GetDirectories().OrderByDescending(folder => folder.Name, StringComparer.Ordinal).Skip(KeptFolders)) old.Delete(recursive: true);
        return all.CreateSubdirectory(string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyyMMdd-HHmmss}-{Tokens}")).FullName;
    }
}

/// <summary>Keystone with Fernet tokens, and the API with the default policies that upstream still has. The only one that is any other cloud, too.</summary>
public sealed class FernetCloud() : CloudUnderTest("fernet", enforceNewDefaults: false);

/// <summary>Keystone with JWS tokens, and the API with the new default policies.</summary>
public sealed class JwsCloud() : CloudUnderTest("jws", enforceNewDefaults: true);

/// <summary>The tests of <see cref="FernetCloud"/>.</summary>
[CollectionDefinition(Name)]
public sealed class FernetCollection : ICollectionFixture<FernetCloud>
{
    internal const string Name = "fernet";
}

/// <summary>The tests of <see cref="JwsCloud"/>.</summary>
[CollectionDefinition(Name)]
public sealed class JwsCollection : ICollectionFixture<JwsCloud>
{
    internal const string Name = "jws";
}
