using Cyborg.Api;
using Cyborg.Api.Middleware;

namespace Cyborg.Functional.Tests;

public sealed class CoverageTests
{
    [Fact]
    public void Every_route_succeeds_in_some_transcript()
    {
        var played = Transcript.Names.SelectMany(name => Transcript.Load(name).Steps)
            .Where(step => step.Status.Any(status => status < 400))
            .Select(step => (step.Method, Path: RequestPath.Normalise(step.Url.Split('?')[0]).Path))
            .ToHashSet();
        // These two are there to say what is missing.
        var alwaysWrong = new[] { ("DELETE", "/v2/attributes") };
        var silent = Routes.All
            .Where(route => !alwaysWrong.Contains((route.Method, route.Path)))
            .Where(route => !played.Any(step => step.Method == route.Method && Fits(route.Path, step.Path)))
            .Select(route => $"{route.Method} {route.Path}");
        Assert.Empty(silent);
    }

    [Fact]
    public void Every_step_has_a_name_of_its_own() => Assert.All(Transcript.Names, name =>
        Assert.Empty(Transcript.Load(name).Steps.GroupBy(step => step.Name).Where(group => group.Count() > 1).Select(group => group.Key)));

    private static bool Fits(string template, string path)
    {
        var (expected, actual) = (template.Split('/'), path.Split('/'));
        return expected.Length == actual.Length && expected.Zip(actual).All(pair => pair.First == pair.Second || pair.First.StartsWith('{'));
    }
}
