using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cyborg.Hosting.Doctor;

namespace Cyborg.Api.Doctor;

/// <summary>Whether the API's own certificate is one, and for how long.</summary>
internal static class CertificateCheck
{
    private static readonly TimeSpan SoonToTell = TimeSpan.FromDays(14);

    public static DoctorCheck Of(string file, TimeProvider time) => new("certificate", _ => Task.FromResult(Look(file, time)));

    private static DoctorFinding Look(string file, TimeProvider time)
    {
        const string Renew = "Put a new certificate into [ssl] cert_file and its key into key_file, and restart the API.";
        try
        {
            // The certificate alone; the key is the service's to read.
            using var certificate = X509CertificateLoader.LoadCertificateFromFile(file);
            var left = certificate.NotAfter.ToUniversalTime() - time.GetUtcNow().UtcDateTime;
            var until = FormattableString.Invariant($"{file} holds until {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm}Z");
            return left <= TimeSpan.Zero ? DoctorFinding.Failure(until, Renew)
                : left < SoonToTell ? DoctorFinding.Warning(until, Renew)
                : DoctorFinding.Ok(until);
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return DoctorFinding.Failure($"{file} cannot be read as a certificate ({error.GetType().Name})", "Write a PEM file of a certificate that this user may read.");
        }
    }
}
