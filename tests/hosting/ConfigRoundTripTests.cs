using System.Globalization;
using System.Text;

namespace Cyborg.Hosting.Tests;

/// <summary>Random values, written as a careful operator writes them, are read back; random bytes never break the reader.</summary>
public sealed class ConfigRoundTripTests(ITestOutputHelper output)
{
    private const string Letters = "abz09_-. ,;:#=[]{}()\"'$%äß漢😀\t";

    private Random Seeded()
    {
        var given = Environment.GetEnvironmentVariable("CYBORG_TEST_SEED");
        var seed = given is null ? Random.Shared.Next() : int.Parse(given, CultureInfo.InvariantCulture);
        output.WriteLine($"CYBORG_TEST_SEED={seed}");
        return new Random(seed);
    }

    [Fact]
    public void Texts_lists_and_repeated_keys_are_read_back()
    {
        var random = Seeded();
        for (var round = 0; round < 500; round++)
        {
            var texts = Many(random, () => Words(random)).ToList();
            var lists = texts.Select(_ => Many(random, () => Item(random)).ToList()).ToList();
            var textOptions = texts.Select((_, i) => Options.String($"s{i % 3}", $"t{i}", "", "t")).ToList();
            var listOptions = texts.Select((_, i) => Options.List($"s{i % 3}", $"l{i}", [], "l")).ToList();
            var multi = Options.Multi("m", "m", [], "m");
            var file = new StringBuilder();
            for (var i = 0; i < texts.Count; i++)
            {
                file.Append(Noise(random)).Append(CultureInfo.InvariantCulture, $"[s{i % 3}]\n");
                Assign(file, random, $"t{i}", Written(texts[i]));
                Assign(file, random, $"l{i}", ConfigLists.Format(lists[i]).Replace("$", "$$", StringComparison.Ordinal));
                file.Append("[m]\n");
                Assign(file, random, "m", Written(texts[i]));
            }
            var config = CyborgConfig.Parse([new("f", file.ToString())], [.. textOptions, .. listOptions, multi]);
            for (var i = 0; i < texts.Count; i++)
            {
                Assert.Equal(texts[i], config.Get(textOptions[i]));
                Assert.Equal(lists[i], config.Get(listOptions[i]));
            }
            Assert.Equal(texts, config.Get(multi));
            Assert.Empty(config.Warnings);
        }
    }

    [Fact]
    public void Any_text_is_read_or_refused_with_places()
    {
        var random = Seeded();
        var known = new Option[] { Options.Integer("s", "a", 1, "a"), Options.List("s", "b", [], "b"), Options.Multi("s", "c", [], "c") };
        string[] pieces = ["[s]", "[", "]", "a", "b", "c", "=", ":", " ", "\n", "\n", "\t", "\"", "'", ",", "$", "$a", "${s.b}", "$$", "#", "\0", "\r", "é", "\uD800", "1"];
        for (var round = 0; round < 5000; round++)
        {
            var text = "[s]\n" + string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => pieces[random.Next(pieces.Length)]));
            try
            {
                CyborgConfig.Parse([new("f", text)], known);
            }
            catch (ConfigException e)
            {
                Assert.All(e.Faults, fault => Assert.Matches(@"^f:\d+: \P{C}+$", fault));
            }
        }
    }

    private static IEnumerable<string> Many(Random random, Func<string> make) => Enumerable.Range(0, random.Next(6)).Select(_ => make());

    /// <summary>Text that a file can hold: no white space or quotes that come off at the ends.</summary>
    private static string Words(Random random)
    {
        var text = new StringBuilder();
        foreach (var rune in Enumerable.Range(0, random.Next(12)).Select(_ => Runes[random.Next(Runes.Length)]))
            text.Append(rune.ToString());
        return text.ToString().Trim();
    }

    private static readonly Rune[] Runes = [.. Letters.EnumerateRunes()];

    /// <summary>An item that one kind of quotes can hold.</summary>
    private static string Item(Random random) => "i" + Words(random).Replace("\"", "", StringComparison.Ordinal).Replace("'", "", StringComparison.Ordinal);

    private static string Written(string text)
    {
        var escaped = text.Replace("$", "$$", StringComparison.Ordinal);
        return text.Length > 0 && text[0] is '"' or '\'' && text[0] == text[^1] ? $"\"{escaped}\"" : escaped;
    }

    private static void Assign(StringBuilder file, Random random, string name, string value) =>
        file.Append(name).Append(random.Next(4) switch { 0 => "=", 1 => " = ", 2 => ":", _ => " :\t" }).Append(value)
            .Append(random.Next(2) == 0 ? "\n" : "  \r\n");

    private static string Noise(Random random) => random.Next(4) switch { 0 => "# x = 1\n", 1 => "\n\n", 2 => ";\n", _ => "" };
}
