using System.Text;

namespace Cyborg.Cli;

/// <summary>Addresses with arguments behind them. Pure.</summary>
internal static class QueryText
{
    /// <summary>The path with the arguments that have a value.</summary>
    public static string Of(string path, params IEnumerable<(string Name, string? Value)> arguments)
    {
        var text = new StringBuilder(path);
        foreach (var (name, value) in arguments.Where(argument => argument.Value is not null))
            text.Append(text.Length == path.Length ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value!));
        return text.ToString();
    }
}
