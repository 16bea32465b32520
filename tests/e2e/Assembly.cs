// All tests share one cloud, and some of them stop a part of it.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
