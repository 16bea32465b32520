namespace Cyborg.Cli;

/// <summary>A verb that the programs of services know.</summary>
/// <param name="Name">The verb.</param>
/// <param name="Programs">Those programs. Of a single one this program becomes it; of several each that is on the machine is run, and the pages are joined.</param>
/// <param name="Help">What it does, in a sentence.</param>
internal sealed record RoomVerb(string Name, IReadOnlyList<string> Programs, string Help)
{
    /// <summary>A word behind the verb for which one program alone answers for all, and the flag that has it do so; null if there is none.</summary>
    public (string Word, string Flag)? ByOne { get; init; }
}
