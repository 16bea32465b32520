namespace Cyborg.Api.Tests;

public sealed class RouteTableTests
{
    [Fact]
    public void Every_policy_of_a_route_is_a_rule()
    {
        var rules = ApiPolicies.All.Select(rule => rule.Name).ToHashSet();
        Assert.All(Routes.All.Where(route => route.Policy is not null), route => Assert.Subset(rules, new HashSet<string>([route.Policy!, .. route.OrPolicies])));
    }

    [Fact]
    public void Every_rule_of_an_operation_guards_a_route_with_that_method()
    {
        foreach (var rule in ApiPolicies.All.Where(rule => rule.Operations.Count > 0))
        {
            Assert.Equal(
                rule.Operations.Select(operation => operation.Method).Distinct(),
                Routes.All.Where(route => route.Policy == rule.Name || route.OrPolicies.Contains(rule.Name)).Select(route => route.Method).Distinct());
        }
    }

    [Fact]
    public void Only_the_discovery_documents_have_no_policy() =>
        Assert.Equal(["/", "/v1", "/v2"], Routes.All.Where(route => route.Policy is null).Select(route => route.Path));

    [Fact]
    public void Names_of_rules_and_routes_are_unique()
    {
        Assert.Equal(ApiPolicies.All.Count, ApiPolicies.All.Select(rule => rule.Name).Distinct().Count());
        Assert.Equal(Routes.All.Count, Routes.All.Select(route => (route.Method, route.Path)).Distinct().Count());
    }
}
