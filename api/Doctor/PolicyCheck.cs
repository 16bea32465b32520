using Cyborg.Hosting.Doctor;
using Cyborg.Identity.Policy;

namespace Cyborg.Api.Doctor;

/// <summary>Whether the operator's policy files can be used.</summary>
internal static class PolicyCheck
{
    public static DoctorCheck Of(PolicySource source) => new("policy", _ => Task.FromResult(Judge(PolicyValidation.Of(ApiPolicies.All, source), source.File)));

    private static DoctorFinding Judge(PolicyValidation found, string file)
    {
        if (found.Faults.Count > 0)
        {
            return DoctorFinding.Failure(
                found.Faults[0] + (found.Faults.Count > 1 ? $"; and {found.Faults.Count - 1} more" : ""),
                "Correct the file: a running API goes on with the rules from before, a new one does not start. cyborg-api policy validate tells all.");
        }
        return found.Notes.Count > 0
            ? DoctorFinding.Ok($"{file} can be used; cyborg-api policy validate has {found.Notes.Count} remarks on it")
            : DoctorFinding.Ok($"{file} and the folders beside it can be used, or are not there");
    }
}
