using System.Buffers;

namespace Cyborg.Messaging;

/// <summary>Subjects as core NATS has them: tokens between dots; <c>*</c> matches one token, <c>&gt;</c> the rest, at least one.</summary>
internal static class SubjectPattern
{
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("*> \t\r\n");

    /// <summary>True if the subject has a wildcard token.</summary>
    public static bool HasWildcard(string subject) => subject.AsSpan().IndexOfAny('*', '>') >= 0;

    /// <summary>Checks a subject to publish on or, with wildcards, to listen on.</summary>
    /// <exception cref="ArgumentException">A token is empty or has a blank, or a wildcard stands where none may.</exception>
    public static void Check(string subject, bool wildcards)
    {
        ArgumentException.ThrowIfNullOrEmpty(subject);
        var rest = subject.AsSpan();
        var more = true;
        while (more)
        {
            var token = NextToken(ref rest, out more);
            var wildcard = token is "*" || (token is ">" && !more);
            if (token.IsEmpty || (wildcard ? !wildcards : token.ContainsAny(Forbidden)))
                throw new ArgumentException($"'{subject}' is no subject to {(wildcards ? "listen" : "publish")} on.", nameof(subject));
        }
    }

    /// <summary>True if <paramref name="subject"/> falls under <paramref name="pattern"/>.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> subject)
    {
        while (true)
        {
            var wanted = NextToken(ref pattern, out var moreWanted);
            if (wanted is ">")
                return true;
            var token = NextToken(ref subject, out var more);
            if (wanted is not "*" && !wanted.SequenceEqual(token))
                return false;
            if (!moreWanted || !more)
                return moreWanted == more;
        }
    }

    private static ReadOnlySpan<char> NextToken(ref ReadOnlySpan<char> rest, out bool more)
    {
        var dot = rest.IndexOf('.');
        more = dot >= 0;
        var token = more ? rest[..dot] : rest;
        rest = more ? rest[(dot + 1)..] : default;
        return token;
    }
}
