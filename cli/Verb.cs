using System.CommandLine;
using System.Globalization;

namespace Cyborg.Cli;

/// <summary>A verb that asks the service, in a file of its own. It is listed in <see cref="VerbTable"/>.</summary>
internal abstract class Verb
{
    private const int PlainPatience = 90;
    private const int WaitPatience = 600;
    private const int MaxPatience = 86_400;

    private readonly Option<double?> _timeout = new("--timeout")
    {
        HelpName = "SECONDS",
        Description = "Longest time for an answer, with --wait for the whole.",
    };
    private readonly Option<bool>? _wait;
    private OutputFlags? _output;

    /// <param name="name">What the person types.</param>
    /// <param name="help">What it does, in a sentence.</param>
    /// <param name="doing">What the person sees while it takes a while.</param>
    /// <param name="waits">True if it begins work that may go on.</param>
    protected Verb(string name, string help, string doing, bool waits = false)
    {
        Command = new Command(name, help);
        Doing = doing;
        if (!waits)
            return;
        _wait = new Option<bool>("--wait")
        {
            Description = string.Create(CultureInfo.InvariantCulture, $"Wait until it is done, for {WaitPatience} s if --timeout does not say."),
        };
    }

    /// <summary>What its page can show, in order; empty if it shows nothing.</summary>
    protected virtual IReadOnlyList<Column> Columns => [];

    /// <summary>Columns that are shown where none is chosen; empty for all.</summary>
    protected virtual IReadOnlyList<string> Shown => [];

    /// <summary>Adds the flags that verbs have in common, behind its own.</summary>
    /// <returns>What System.CommandLine is to know of it.</returns>
    public Command Finish()
    {
        if (_wait is not null)
            Command.Add(_wait);
        Command.Add(_timeout);
        if (Columns.Count > 0)
            _output = new OutputFlags(Command, Columns, Shown);
        return Command;
    }

    /// <summary>Its words and flags.</summary>
    protected Command Command { get; }

    private string Doing { get; }

    /// <summary>Does it, and prints what there is to see.</summary>
    /// <exception cref="CliFault">It does not work.</exception>
    public async Task<int> RunAsync(ParseResult parsed, Surroundings surroundings, CloudFlags flags, bool debug, CancellationToken stop)
    {
        // Whatever is wrong with the command line is told before anybody is asked.
        var layout = _output?.Read(parsed, surroundings);
        var waits = _wait is not null && parsed.GetValue(_wait);
        var patience = Patience(parsed, waits);
        var cloud = flags.Choose(parsed, surroundings);
        using var client = CyborgClient.Open(cloud, surroundings, patience, debug ? surroundings.Error : null);
        var call = new VerbCall(parsed, client, surroundings, waits ? new Wait(surroundings, patience) : null, stop);
        var page = await Progress.DuringAsync(surroundings, Doing, () => HintedAsync(call)).ConfigureAwait(false);
        if (layout is not null && (page.Rows.Count > 0 || !page.IsOne))
            PageFormats.All[layout.Format](page, layout, surroundings.Output);
        foreach (var note in page.Notes)
            await surroundings.Error.WriteLineAsync($"cyborg: {note}").ConfigureAwait(false);
        return page.Code;
    }

    private async Task<Page> HintedAsync(VerbCall call)
    {
        try
        {
            return await RunAsync(call).ConfigureAwait(false);
        }
        catch (CliFault fault) when (fault.Code == ExitCodes.GoesOn && _wait is not null && call.Wait is null)
        {
            throw new CliFault($"{fault.Message}; with --wait this would wait for it", fault.Code) { Status = fault.Status };
        }
    }

    /// <summary>Asks the service.</summary>
    protected abstract Task<Page> RunAsync(VerbCall call);

    /// <summary>A flag with a value.</summary>
    protected Option<string?> Flag(string name, string valueName, string help)
    {
        var flag = new Option<string?>(name) { HelpName = valueName, Description = help };
        Command.Add(flag);
        return flag;
    }

    /// <summary>A flag that is true or false; alone it is true.</summary>
    protected Option<bool?> Truth(string name, string help)
    {
        var flag = new Option<bool?>(name) { HelpName = "true|false", Description = help, Arity = ArgumentArity.ZeroOrOne };
        Command.Add(flag);
        return flag;
    }

    /// <summary>A flag with a whole number.</summary>
    protected Option<int?> Number(string name, string valueName, string help)
    {
        var flag = new Option<int?>(name) { HelpName = valueName, Description = help };
        Command.Add(flag);
        return flag;
    }

    /// <summary>A word that has to be there.</summary>
    protected Argument<string> Word(string name, string help)
    {
        var word = new Argument<string>(name) { Description = help };
        word.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value.Length: 0 }])
                result.AddError($"{name} is empty");
        });
        Command.Add(word);
        return word;
    }

    private TimeSpan Patience(ParseResult parsed, bool waits) => parsed.GetValue(_timeout) switch
    {
        null => TimeSpan.FromSeconds(waits ? WaitPatience : PlainPatience),
        > 0 and <= MaxPatience and double seconds => TimeSpan.FromSeconds(seconds),
        _ => throw CliFault.Usage($"--timeout takes seconds, more than 0 and at most {MaxPatience}"),
    };
}

/// <summary>One run of a verb.</summary>
/// <param name="Parsed">What was typed.</param>
/// <param name="Client">The service.</param>
/// <param name="Surroundings">The process.</param>
/// <param name="Wait">Set with <c>--wait</c>.</param>
/// <param name="Stop">Ctrl-C.</param>
internal sealed record VerbCall(ParseResult Parsed, CyborgClient Client, Surroundings Surroundings, Wait? Wait, CancellationToken Stop)
{
    /// <summary>A word that has to be there.</summary>
    public string Get(Argument<string> word) => Parsed.GetRequiredValue(word);

    /// <summary>A flag's value; null if it was not given.</summary>
    /// <exception cref="CliFault">It is empty.</exception>
    public string? Get(Option<string?> flag) =>
        Parsed.GetValue(flag) is { Length: 0 } ? throw CliFault.Usage($"{flag.Name} is empty") : Parsed.GetValue(flag);

    /// <summary>A flag's number.</summary>
    public int? Get(Option<int?> flag) => Parsed.GetValue(flag);

    /// <summary>A flag's truth; null if it was not given.</summary>
    public bool? Get(Option<bool?> flag) => Parsed.GetResult(flag) is null ? null : Parsed.GetValue(flag) ?? true;
}
