namespace Cyborg.Hosting;

/// <summary>One assignment of a file, with the place where it stands.</summary>
internal sealed record ConfigEntry(string File, int Line, string Section, string Name, string Text, char? Quote);

/// <summary>Reads oslo.config's file syntax (upstream: oslo.config's iniparser). Pure: text in, assignments and faults out.</summary>
internal static class ConfigReader
{
    /// <summary>Limit of one file, in characters.</summary>
    public const int MaxLength = 4 * 1024 * 1024;

    public static IReadOnlyList<ConfigEntry> Read(ConfigSource source, List<string> faults)
    {
        var state = new State(source.Path, faults);
        if (source.Text.Length > MaxLength)
        {
            state.Fault(1, $"is longer than {MaxLength} characters; split it or look whether it is a configuration file at all");
            return [];
        }
        var number = 0;
        // Line ends are those of Python's text files; .NET's own enumeration would also split at form feeds and the like.
        var text = source.Text.TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        foreach (var range in text.AsSpan().Split('\n'))
        {
            number++;
            var line = text.AsSpan(range).TrimEnd();
            if (HasControl(line))
                state.Fault(number, "has a control character; remove it");
            else
                state.Take(number, line);
        }
        state.Flush();
        return state.Entries;
    }

    private static bool HasControl(ReadOnlySpan<char> line)
    {
        foreach (var c in line)
        {
            if (char.IsControl(c) && c != '\t')
                return true;
        }
        return false;
    }

    private sealed class State(string file, List<string> faults)
    {
        private readonly List<string> _lines = [];
        private string? _section;
        private string? _key;
        private char? _quote;
        private int _keyLine;
        private bool _skipsContinuation;

        public List<ConfigEntry> Entries { get; } = [];

        public void Fault(int number, string text) => faults.Add($"{Printable.Escape(file)}:{number}: {text}");

        public void Take(int number, ReadOnlySpan<char> line)
        {
            if (line.IsEmpty)
            {
                Flush();
                return;
            }
            if (line[0] is ' ' or '\t')
            {
                Continue(number, line.TrimStart());
                return;
            }
            Flush();
            if (line[0] == '[')
                StartSection(number, line);
            else if (line[0] is not ('#' or ';'))
                Assign(number, line);
        }

        public void Flush()
        {
            _skipsContinuation = false;
            if (_key is not null && _section is not null)
                Entries.Add(new(file, _keyLine, _section, _key, string.Join('\n', _lines), _quote));
            _key = null;
            _lines.Clear();
        }

        private void Continue(int number, ReadOnlySpan<char> text)
        {
            if (_key is not null)
                _lines.Add(text.ToString());
            else if (!_skipsContinuation && text[0] is not ('#' or ';'))
                Fault(number, "is indented and so continues a value, but there is none above; remove the leading white space");
        }

        private void StartSection(int number, ReadOnlySpan<char> line)
        {
            // An unreadable header must not leave its options in the section above it.
            _section = null;
            if (line[^1] != ']')
                Fault(number, "begins a section but does not end with ']'; write [section]");
            else if (line.Length <= 2)
                Fault(number, "names no section; write [section]");
            else
                _section = line[1..^1].ToString();
            _section ??= "";
        }

        private void Assign(int number, ReadOnlySpan<char> line)
        {
            var split = line.IndexOfAny('=', ':');
            var name = split < 0 ? default : line[..split].Trim();
            _skipsContinuation = true;
            if (split < 0)
                Fault(number, "is neither a section, a comment nor an assignment; write name = value");
            else if (name.IsEmpty)
                Fault(number, "has no name before the value; write name = value");
            else if (_section is null)
                Fault(number, $"sets {Printable.Escape(name.ToString())} before any section; write [DEFAULT] above it");
            else if (_section.Length > 0)
                Start(number, name.ToString(), line[(split + 1)..].Trim());
        }

        private void Start(int number, string name, ReadOnlySpan<char> value)
        {
            (_key, _keyLine, _quote) = (name, number, null);
            if (value.Length > 0 && value[0] is '"' or '\'' && value[0] == value[^1])
            {
                _quote = value[0];
                value = value.Length == 1 ? "" : value[1..^1];
            }
            _lines.Add(value.ToString());
        }
    }
}
