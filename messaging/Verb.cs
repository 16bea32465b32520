using System.Text.Json.Serialization.Metadata;

namespace Cyborg.Messaging;

/// <summary>Who serves a verb.</summary>
public enum VerbTarget
{
    /// <summary>Any conductor, asked by the API: <c>cyborg.conductor.NOUN.NAME</c>.</summary>
    Conductor,
    /// <summary>Any conductor, asked by one host's agent: <c>cyborg.host.HOST.NOUN.NAME</c>. The host is taken from the subject.</summary>
    Host,
    /// <summary>One host's agent, asked by a conductor: <c>cyborg.agent.HOST.NOUN.NAME</c>.</summary>
    Agent,
}

/// <summary>What the bus must know of a verb whatever its types.</summary>
/// <param name="Target">Who serves it.</param>
/// <param name="Noun">What it is about, e.g. <c>arq</c>.</param>
/// <param name="Name">What it does, e.g. <c>bind</c>.</param>
/// <param name="Mutating">True if it changes something: it then carries an idempotency id.</param>
public abstract record Verb(VerbTarget Target, string Noun, string Name, bool Mutating)
{
    /// <summary>Its name in tags and texts, e.g. <c>arq.bind</c>.</summary>
    internal string FullName => $"{Noun}.{Name}";

    /// <summary>The subject to publish on; <paramref name="host"/> is needed for host and agent verbs and is encoded so that it can't widen the subject.</summary>
    public string Subject(string? host = null) => Target switch
    {
        VerbTarget.Conductor => $"cyborg.conductor.{Noun}.{Name}",
        VerbTarget.Host => $"cyborg.host.{HostToken.Encode(host)}.{Noun}.{Name}",
        _ => $"cyborg.agent.{HostToken.Encode(host)}.{Noun}.{Name}",
    };

    /// <summary>The subject a server listens on: conductors hear every host, an agent only its own.</summary>
    public string ServedSubject(string? ownHost = null) =>
        Target == VerbTarget.Host ? $"cyborg.host.*.{Noun}.{Name}" : Subject(ownHost);
}

/// <summary>One remote call: where it goes, whether it changes something, and how its bodies are written.</summary>
/// <typeparam name="TRequest">What is sent.</typeparam>
/// <typeparam name="TReply">What comes back.</typeparam>
/// <param name="Target">Who serves it.</param>
/// <param name="Noun">What it is about.</param>
/// <param name="Name">What it does.</param>
/// <param name="Mutating">True if it changes something.</param>
/// <param name="RequestJson">How a request is written.</param>
/// <param name="ReplyJson">How a reply is written.</param>
public sealed record Verb<TRequest, TReply>(
    VerbTarget Target, string Noun, string Name, bool Mutating, JsonTypeInfo<TRequest> RequestJson, JsonTypeInfo<TReply> ReplyJson)
    : Verb(Target, Noun, Name, Mutating);
