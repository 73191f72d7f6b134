using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Storage.Opening;

/// <summary>Queries while the log is read: every series is there up to some sample, from its chunk files and from the log.</summary>
public sealed class ReadersBesideReplayTests
{
    private const int Series = 40;
    private const int Samples = 1500;

    [Fact]
    public async Task Select_BesideReplay_SeesEachSeriesUpToSomeSample()
    {
        using var source = new StorageFixture();
        Fill(source);
        source.Storage.Dispose();

        Assert.True(
            LocalStorage.TryOpen(source.Options, new MetricsRegistry(), NullLoggerFactory.Instance, TimeProvider.System, out var storage, out var fault), fault);
        using (storage)
        {
            using var done = new CancellationTokenSource();
            var reader = OwnThread.Run(() => ReadUntil(storage, done.Token));
            var failure = await OwnThread.Run(() => storage.ReplayWith(DiskFiles.Instance, TestContext.Current.CancellationToken));
            await done.CancelAsync();
            Assert.True(await reader > 0);
            Assert.Null(failure);
            Assert.Equal(Series * Samples, Check(storage));
        }
    }

    private static void Fill(StorageFixture storage)
    {
        for (var sample = 0; sample < Samples; sample++)
        {
            var time = sample * 1000L;
            var result = storage.Append(batch =>
            {
                batch.TimestampMs = time;
                for (var series = 0; series < Series; series++)
                {
                    batch.AddNew(StorageFixture.Series($"s{series}"), Value(series, time));
                }
            });
            Assert.Null(result.Error);
            if (sample == Samples / 2 && storage.Storage.Writer.BeginFlush() is { } flush)
            {
                storage.Storage.Writer.EndFlush(flush.GetAwaiter().GetResult());
            }
        }

        Assert.True(storage.Storage.Head.Files!.Bytes > 0, "a part of the samples comes from chunk files");
    }

    private static int ReadUntil(LocalStorage storage, CancellationToken done)
    {
        var reads = 0;
        do
        {
            Check(storage);
            reads++;
        }
        while (!done.IsCancellationRequested);
        return reads;
    }

    private static int Check(LocalStorage storage)
    {
        var count = 0;
        foreach (var found in storage.Query.Select(StorageFixture.Matchers("{job=\"test\"}")))
        {
            var series = int.Parse(found.Labels.Get("__name__")![1..], null);
            for (var i = 0; i < found.TimestampsMs.Length; i++)
            {
                Assert.Equal(i * 1000L, found.TimestampsMs[i]);
                Assert.Equal(Value(series, i * 1000L), found.Values[i]);
            }

            count += found.TimestampsMs.Length;
        }

        return count;
    }

    private static double Value(int series, long time) => (series * 1_000_003) + (time * 0.37);
}
