using System.Security.Cryptography;
using System.Text;

namespace Cyborg.Model;

/// <summary>Trait by which a flavor finds an FPGA that runs a function already (upstream: cyborg/objects/extarq/fpga_ext_arq.py, whose names
/// Placement refuses: it writes <c>-</c> as <c>_-</c>).</summary>
public static class FunctionTraits
{
    /// <summary>Prefix of all of them.</summary>
    public const string Prefix = "CUSTOM_FPGA_FUNCTION_ID_";

    private const int HashLength = 16;

    /// <summary><c>CUSTOM_FPGA_FUNCTION_ID_VENDOR_ID</c> in capitals, everything else than letters, digits and <c>_</c> as <c>_</c>. A name that is too long for
    /// Placement is cut, and ends with a part of its SHA-256 in place of what was cut.</summary>
    /// <param name="vendor">The deployable's driver, as it names itself, e.g. <c>intel</c>.</param>
    /// <param name="function">The function.</param>
    public static string Name(string vendor, string function)
    {
        var name = PlacementNames.Custom("FPGA_FUNCTION_ID", vendor, function);
        if (name.Length <= PlacementNames.MaxLength)
            return name;
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..HashLength];
        return $"{name[..(PlacementNames.MaxLength - HashLength - 1)]}_{hash}";
    }
}
