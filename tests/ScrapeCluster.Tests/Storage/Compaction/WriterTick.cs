using ScrapeCluster.Storage.Appending;

namespace ScrapeCluster.Tests.Storage.Compaction;

/// <summary>What the storage's actor does at a tick, one piece after the other.</summary>
internal static class WriterTick
{
    /// <summary>Answers why pieces of compaction failed.</summary>
    public static IReadOnlyList<Exception> Run(StorageWriter writer, Action? afterPiece = null)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var failures = new List<Exception>();
        writer.ExpectBlocks();
        while (true)
        {
            if (writer.BeginFlush() is { } flush)
            {
                writer.EndFlush(flush.GetAwaiter().GetResult());
                afterPiece?.Invoke();
            }

            if (writer.BeginTruncation())
            {
                while (writer.ContinueTruncation())
                {
                }

                afterPiece?.Invoke();
            }

            if (writer.BeginCheckpoint(cancellation) is { } checkpoint)
            {
                writer.EndCheckpoint(checkpoint.GetAwaiter().GetResult());
                afterPiece?.Invoke();
            }

            if (writer.BeginCompaction(cancellation) is not { } compaction)
            {
                return failures;
            }

            var outcome = compaction.GetAwaiter().GetResult();
            if (!writer.EndCompaction(outcome))
            {
                failures.Add(outcome.Failure!);
                return failures;
            }

            afterPiece?.Invoke();
        }
    }
}
