using Cyborg.Hosting;

namespace Cyborg.Cli;

/// <summary>Servers are named by their uuids: their names are Nova's.</summary>
internal static class InstanceWord
{
    /// <summary>The uuid as Cyborg writes it.</summary>
    /// <exception cref="CliFault">It is none.</exception>
    public static string Uuid(string text) => Guid.TryParse(text, out var uuid)
        ? uuid.ToString()
        : throw CliFault.Usage($"{Printable.Escape(text, 80)} is no uuid of a server; openstack server show NAME -f value -c id tells it");
}
