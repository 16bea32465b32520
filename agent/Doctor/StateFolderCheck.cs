using Cyborg.Hosting.Doctor;

namespace Cyborg.Agent.Doctor;

/// <summary>Whether the agent can keep what it must not forget.</summary>
internal static class StateFolderCheck
{
    private const long LittleSpace = 64 * 1024 * 1024;

    public static DoctorCheck Of(string folder) => new("state folder", _ => Task.FromResult(Look(folder)));

    private static DoctorFinding Look(string folder)
    {
        const string Rights = "Give it to the user of the agent: mode 0700, and that user as owner; systemd's StateDirectory does it.";
        try
        {
            var there = Existing(folder);
            if (!MayWrite(there))
                return DoctorFinding.Failure($"{there} cannot be written by this user ({Environment.UserName})", Rights);
            var free = new DriveInfo(there).AvailableFreeSpace;
            return free < LittleSpace
                ? DoctorFinding.Warning($"{there} has {free >> 20} MiB left", "Make room: an agent that cannot write its journal does nothing for binds.")
                : DoctorFinding.Ok(there == folder ? $"{folder} can be written, {free >> 20} MiB free" : $"{folder} is made at the first start, in {there}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return DoctorFinding.Failure($"{folder} cannot be looked at ({error.GetType().Name})", Rights);
        }
    }

    private static string Existing(string folder) =>
        Directory.Exists(folder) || Path.GetDirectoryName(folder) is not { } above ? folder : Existing(above);

    // The name is nobody else's, and gone at once; the agent's own files are not touched.
    private static bool MayWrite(string folder)
    {
        try
        {
            using var file = new FileStream(
                Path.Combine(folder, $".doctor-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
