namespace Cyborg.Cli;

/// <summary>A verb that shows one accelerator in the end.</summary>
internal abstract class AcceleratorVerb(string name, string help, string doing, bool waits = false) : Verb(name, help, doing, waits)
{
    protected override IReadOnlyList<Column> Columns => AcceleratorColumns.All;

    protected override IReadOnlyList<string> Shown => AcceleratorColumns.OfOne;
}
