// Each test has a cloud of processes of its own; two at once would only make both slow.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
