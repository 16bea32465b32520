namespace Cyborg.Cli.Tests;

/// <summary>doc/cli.md names everything that there is.</summary>
public sealed class DocumentTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "cli.md"));

    [Fact]
    public void Every_verb_and_every_flag_of_it_stands_in_the_document()
    {
        foreach (var command in VerbTable.OfService.Select(make => make().Finish()))
        {
            Assert.Contains($"`{command.Name}", Text, StringComparison.Ordinal);
            foreach (var flag in command.Options.Select(option => option.Name))
                Assert.True(Text.Contains(flag, StringComparison.Ordinal), $"{command.Name} {flag}");
        }
        Assert.All(VerbTable.OfPrograms, verb => Assert.Contains($"`{verb.Name}", Text, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_setting_stands_in_the_document_in_its_spellings()
    {
        foreach (var setting in CloudSettings.All)
            Assert.True(Text.Contains($"`{setting.Key}`", StringComparison.Ordinal), setting.Key);
        foreach (var alias in CloudSettings.All.SelectMany(setting => setting.Aliases))
            Assert.True(Text.Contains($"`{alias}`", StringComparison.Ordinal), alias);
    }
}
