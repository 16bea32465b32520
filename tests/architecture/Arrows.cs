using System.Xml.Linq;

namespace Cyborg.Architecture.Tests;

/// <summary>The house as doc/architecture.md draws it: a reference that is not in this table fails the build.</summary>
public sealed class Arrows
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["model"] = [],
        ["hosting"] = [],
        ["identity"] = ["hosting"],
        ["nkeys"] = [],
        ["messaging"] = ["model", "nkeys"],
        ["storage"] = ["model"],
        ["attach"] = [],
        // What a package of a driver is built against, and the drivers that come with Cyborg.
        ["drivers/contract"] = ["model"],
        ["drivers"] = ["drivers/contract", "attach"],
        ["placement"] = ["model", "identity"],
        ["api"] = ["messaging", "identity", "hosting"],
        ["conductor"] = ["messaging", "storage", "identity", "placement", "hosting"],
        ["agent"] = ["messaging", "drivers", "placement", "identity", "hosting"],
        ["cli"] = ["identity", "hosting"],
        ["standalone"] = ["api", "conductor", "agent"],
        // Programs that render documents: they know nothing of the service.
        ["api-ref/render"] = [],
        ["releasenotes/render"] = [],
        // Each executable is one room and what starts it: none can reach into another's.
        ["executables/launch"] = ["messaging", "hosting"],
        ["executables/api"] = ["api", "executables/launch"],
        ["executables/conductor"] = ["conductor", "executables/launch"],
        ["executables/agent"] = ["agent", "executables/launch"],
        ["executables/cli"] = ["cli"],
        ["executables/dbsync"] = ["conductor"],
        // It looks at a deployment before an upgrade: the database, and the operator's policy.
        ["executables/status"] = ["conductor", "api"],
    };

    // A package that only one room may hold: what it does is that room's business.
    private static readonly Dictionary<string, string> Owners = new()
    {
        ["linq2db"] = "storage",
        ["Npgsql"] = "storage",
        ["Microsoft.Data.Sqlite"] = "storage",
        ["FluentMigrator.Runner.Core"] = "storage",
        ["NATS.Client.Core"] = "messaging",
        ["BouncyCastle.Cryptography"] = "nkeys",
        ["Flurl.Http"] = "identity",
        ["Microsoft.AspNetCore.Authentication.JwtBearer"] = "identity",
        ["Microsoft.Extensions.Http.Resilience"] = "identity",
    };

    [Fact]
    public void Every_project_refers_only_to_the_rooms_that_the_design_allows()
    {
        var wrong = from project in Projects()
                    let room = Room(project)
                    from reference in References(project)
                    where !Allowed.TryGetValue(room, out var allowed) || !allowed.Contains(Room(reference))
                    select $"{room} -> {Room(reference)}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_room_has_a_row_in_the_table()
    {
        var missing = Projects().Select(Room).Where(room => !Allowed.ContainsKey(room));
        Assert.Empty(missing);
    }

    [Fact]
    public void The_table_has_no_cycle()
    {
        foreach (var room in Allowed.Keys)
            Assert.DoesNotContain(room, Reachable(room, []));
    }

    [Fact]
    public void A_package_with_an_owner_is_referenced_by_its_owner_alone()
    {
        var wrong = from project in Projects()
                    from package in XDocument.Load(project).Descendants("PackageReference").Select(element => element.Attribute("Include")!.Value)
                    where Owners.TryGetValue(package, out var owner) && owner != Room(project)
                    select $"{Room(project)} references {package}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_package_is_pinned_centrally_and_justified_in_the_documentation()
    {
        var justified = File.ReadAllText(Path.Combine(Repository.Root, "doc", "dependencies.md"));
        var missing = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .Select(element => element.Attribute("Include")!.Value)
            .Where(package => !justified.Contains($"`{package}`", StringComparison.Ordinal));
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "Cyborg.sln")).Replace('\\', '/');
        var all = Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.StartsWith("artifacts/", StringComparison.Ordinal))
            // A vendor's driver: built beside the house, not in it.
            .Where(path => !path.StartsWith("tests/packages/", StringComparison.Ordinal));
        var missing = all.Where(path => !solution.Contains($"\"{path}\"", StringComparison.Ordinal));
        Assert.Empty(missing);
    }

    private static IEnumerable<string> Projects() =>
        Directory.EnumerateDirectories(Repository.Root)
            .Where(folder => Path.GetFileName(folder) is not ("tests" or "artifacts" or "bench"))
            .SelectMany(folder => Directory.EnumerateDirectories(folder).Prepend(folder))
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.csproj"));

    private static IEnumerable<string> References(string project) =>
        XDocument.Load(project).Descendants("ProjectReference")
            .Select(element => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(project)!, element.Attribute("Include")!.Value.Replace('\\', '/'))));

    private static string Room(string project) => Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(project)!);

    private static HashSet<string> Reachable(string room, HashSet<string> seen)
    {
        foreach (var next in Allowed[room])
        {
            if (seen.Add(next))
                Reachable(next, seen);
        }
        return seen;
    }
}
