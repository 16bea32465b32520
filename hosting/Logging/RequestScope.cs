using System.Collections;

namespace Cyborg.Hosting;

/// <summary>The scope of one request in the log: our own lines find the id without looking through pairs; to any other log it is the pair that it always was.</summary>
/// <param name="requestId">The id.</param>
internal sealed class RequestScope(string requestId) : IReadOnlyList<KeyValuePair<string, object?>>
{
    /// <summary>The id; null if what was given is none, which must not enter a line.</summary>
    public string? Id { get; } = RequestId.IsValid(requestId) ? requestId : null;

    public int Count => 1;

    public KeyValuePair<string, object?> this[int index] =>
        index == 0 ? new(LoggingSetup.RequestIdKey, requestId) : throw new ArgumentOutOfRangeException(nameof(index));

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        yield return this[0];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => $"{LoggingSetup.RequestIdKey}:{requestId}";
}
