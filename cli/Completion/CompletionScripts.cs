namespace Cyborg.Cli;

/// <summary>Scripts that make a shell ask this program what may come next. They ask by the directive of System.CommandLine:
/// <c>cyborg "[suggest:POSITION]" "LINE"</c> prints one word a line.</summary>
internal static class CompletionScripts
{
    private const string Bash = """
        # Completion of cyborg for bash: source <(cyborg complete --shell bash)
        _cyborg_complete() {
            local line="${COMP_LINE:0:COMP_POINT}" word="${COMP_WORDS[COMP_CWORD]}" item
            line="${line#"${COMP_WORDS[0]}"}"
            line="${line# }"
            COMPREPLY=()
            while IFS= read -r item; do
                [[ $item == "$word"* ]] && COMPREPLY+=("$item")
            done < <("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2>/dev/null)
        }
        complete -o default -F _cyborg_complete cyborg
        """;

    private const string Zsh = """
        #compdef cyborg
        # Completion of cyborg for zsh: source <(cyborg complete --shell zsh)
        _cyborg_complete() {
            local line="${BUFFER[1,CURSOR]}"
            line="${line#${words[1]}}"
            line="${line# }"
            local -a items
            items=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
            compadd -- "${items[@]}"
        }
        compdef _cyborg_complete cyborg
        """;

    /// <summary>By shell.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string> { ["bash"] = Bash, ["zsh"] = Zsh };
}
