using ScrapeCluster.Model;
using ScrapeCluster.Tests.Storage;

namespace ScrapeCluster.Tests.Node.RemoteRead;

/// <summary>Six hours of samples, most of them in a block: more than the buffers between a reader and a node take.</summary>
internal static class SixHours
{
    private const int Series = 200;
    private const int Steps = 6 * 60 * 4;
    private const int StepMs = 15_000;

    /// <summary>The series <c>m</c>.</summary>
    public static async Task AppendAsync(StorageFixture storage)
    {
        var random = new Random(1);
        var labels = Enumerable.Range(0, Series).Select(number => Labels.Of((Labels.MetricName, "m"), ("number", $"{number}"))).ToList();
        for (var step = 1; step <= Steps; step++)
        {
            storage.Append(batch =>
            {
                batch.TimestampMs = step * StepMs;
                foreach (var series in labels)
                {
                    batch.AddNew(series, random.NextDouble());
                }
            });
        }

        var writer = storage.Storage.Writer;
        writer.EndCompaction(await writer.BeginCompaction(TestContext.Current.CancellationToken)!);
    }

    /// <summary>Waits until nobody reads any more, and proves that nobody holds the block.</summary>
    public static async Task UntilNothingIsHeldAsync(StorageFixture storage)
    {
        await UntilAsync(() => storage.Storage.Query.Pending.Count == 0);
        var block = Assert.Single(storage.Storage.Blocks.Blocks);
        storage.Storage.Blocks.Replace([block], null);
        Assert.Null(block.TryRead());
    }

    public static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
