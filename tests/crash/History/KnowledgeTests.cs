namespace Cyborg.Crash.Tests;

/// <summary>The judge is judged: it must see lies, and only lies.</summary>
public sealed class KnowledgeTests
{
    private static readonly Guid One = Guid.NewGuid(), Two = Guid.NewGuid();
    private readonly Knowledge _arq = new();

    [Fact]
    public void A_plain_life_is_no_lie()
    {
        Assert.True(_arq.WasDone(new Asked(Verb.Bind, One)));
        Assert.True(_arq.WasSeen(Place.Started(One)));
        Assert.True(_arq.WasDone(new Asked(Verb.Unbind, null)));
        Assert.True(_arq.WasDone(new Asked(Verb.Bind, Two)));
        Assert.True(_arq.WasImpossible(new Asked(Verb.Bind, One)));
        Assert.True(_arq.WasDone(new Asked(Verb.Delete, null)));
        Assert.True(_arq.WasImpossible(new Asked(Verb.Delete, null)));
        Assert.Equal([Place.Absent], _arq.Places);
    }

    [Fact]
    public void A_bind_that_was_acknowledged_and_is_not_seen_is_a_lie()
    {
        Assert.True(_arq.WasDone(new Asked(Verb.Bind, One)));
        Assert.False(_arq.WasSeen(Place.Initial));
        Assert.False(_arq.WasSeen(Place.Started(Two)));
        Assert.False(_arq.WasNotSeenAt(One));
    }

    [Fact]
    public void A_bind_that_is_acknowledged_twice_is_a_lie()
    {
        Assert.True(_arq.WasDone(new Asked(Verb.Bind, One)));
        Assert.False(_arq.WasDone(new Asked(Verb.Bind, Two)));
    }

    [Fact]
    public void A_refusal_without_a_cause_is_a_lie() => Assert.False(_arq.WasImpossible(new Asked(Verb.Bind, One)));

    [Fact]
    public void A_call_without_an_answer_may_be_done_late_and_only_once()
    {
        _arq.IsUnknown(new Asked(Verb.Bind, One));
        Assert.True(_arq.WasSeen(Place.Initial));
        Assert.True(_arq.WasSeen(Place.Started(One)));
        Assert.True(_arq.WasDone(new Asked(Verb.Unbind, null)));
        Assert.False(_arq.WasSeen(Place.Started(One)));
    }

    [Fact]
    public void A_deleted_one_does_not_come_back()
    {
        _arq.IsUnknown(new Asked(Verb.Bind, One));
        _arq.IsUnknown(new Asked(Verb.Unbind, null));
        Assert.True(_arq.WasDone(new Asked(Verb.Delete, null)));
        Assert.Equal([Place.Absent], _arq.Places);
    }

    [Fact]
    public void A_delete_by_instance_takes_only_what_is_bound_to_it()
    {
        Assert.True(_arq.WasDone(new Asked(Verb.DeleteByInstance, One)));
        Assert.True(_arq.WasSeen(Place.Initial));
        Assert.True(_arq.WasDone(new Asked(Verb.Bind, One)));
        Assert.True(_arq.WasDone(new Asked(Verb.DeleteByInstance, One)));
        Assert.Equal([Place.Absent], _arq.Places);
    }

    [Fact]
    public void A_bind_that_strikes_after_a_refused_repetition_is_explained()
    {
        _arq.IsUnknown(new Asked(Verb.Bind, One));
        Assert.True(_arq.WasImpossible(new Asked(Verb.Bind, One)));
        Assert.Equal([Place.Started(One)], _arq.Places);
    }

    [Fact]
    public void Many_calls_without_an_answer_are_judged_in_no_time()
    {
        Guid[] instances = [.. Enumerable.Range(0, 12).Select(_ => Guid.NewGuid())];
        for (var n = 0; n < 100; n++)
        {
            foreach (var instance in instances)
            {
                _arq.IsUnknown(new Asked(Verb.Bind, instance));
                _arq.IsUnknown(new Asked(Verb.DeleteByInstance, instance));
            }
            _arq.IsUnknown(new Asked(Verb.Unbind, null));
            _arq.IsUnknown(new Asked(Verb.Delete, null));
        }
        Assert.Equal(3 + instances.Length, _arq.Places.Count);
        Assert.True(_arq.WasDone(new Asked(Verb.Delete, null)));
        Assert.Equal([Place.Absent], _arq.Places);
    }

    [Fact]
    public void What_is_used_up_by_one_way_is_left_by_another()
    {
        // Two binds of one instance without an answer, and it was unbound twice since: the third time it cannot be there, however it got there before.
        _arq.IsUnknown(new Asked(Verb.Bind, One));
        _arq.IsUnknown(new Asked(Verb.Bind, One));
        _arq.IsUnknown(new Asked(Verb.Bind, Two));
        Assert.True(_arq.WasDone(new Asked(Verb.Unbind, null)));
        Assert.Contains(Place.Started(One), _arq.Places);
        Assert.Contains(Place.Started(Two), _arq.Places);
        Assert.True(_arq.WasSeen(Place.Started(One)));
        Assert.True(_arq.WasDone(new Asked(Verb.Unbind, null)));
        Assert.True(_arq.WasSeen(Place.Started(One)));
        Assert.True(_arq.WasDone(new Asked(Verb.Unbind, null)));
        Assert.False(_arq.WasSeen(Place.Started(One)));
        Assert.True(_arq.WasSeen(Place.Started(Two)));
    }
}
