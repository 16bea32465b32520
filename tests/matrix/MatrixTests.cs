using Cyborg.Api;

namespace Cyborg.Matrix.Tests;

/// <summary>Every route, asked by every persona through HTTP, with both sets of defaults.</summary>
public sealed class MatrixTests(Stages stages) : IClassFixture<Stages>
{
    public static TheoryData<int, bool, string> Rows()
    {
        var rows = new TheoryData<int, bool, string>();
        for (var row = 0; row < Permissions.All.Count; row++)
        {
            rows.Add(row, true, Permissions.All[row].ToString());
            rows.Add(row, false, Permissions.All[row].ToString());
        }
        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Each_persona_is_answered_as_the_table_says(int row, bool enforceNewDefaults, string name)
    {
        var permission = Permissions.All[row];
        var stage = stages.For(enforceNewDefaults);
        var wrong = new List<string>();
        for (var persona = 0; persona < Personas.All.Count; persona++)
        {
            var ask = await permission.Ask(stage);
            var (status, body) = await stage.SendAsync(ask, Personas.All[persona].Name, permission.IsPassedOn);
            var expected = permission.Expected(persona, enforceNewDefaults);
            if (status != expected)
                wrong.Add($"{name}, {Personas.All[persona].Name}: expected {expected}, was {status} {body}");
            await stage.CleanUpAsync();
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Lists_show_a_request_to_its_project_and_to_administrators_only(bool enforceNewDefaults)
    {
        var stage = stages.For(enforceNewDefaults);
        var arq = await stage.MakeArqAsync();
        foreach (var (persona, sees) in new[]
        {
            ("reader", true), ("member", true), ("manager", true), ("admin", true), ("admin alone", true), ("other admin", true), ("other member", false),
        })
        {
            var (status, body) = await stage.SendAsync(Ask.Get("/v2/accelerator_requests"), persona, isPassedOn: false);
            Assert.Equal((persona, 200, sees), (persona, status, body.Contains(arq, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void Every_route_has_a_row_and_every_row_a_route() => Assert.Equal(
        Routes.All.Select(route => $"{route.Method} {route.Path}").Order(),
        Permissions.All.Select(permission => permission.Route).Distinct().Order());

    [Fact]
    public void Every_row_has_a_cell_for_each_persona() => Assert.All(
        Permissions.All.SelectMany(permission => new[] { permission.New, permission.Old }),
        cells => Assert.Equal(Personas.All.Count, cells.Count(cell => cell != ' ')));
}
