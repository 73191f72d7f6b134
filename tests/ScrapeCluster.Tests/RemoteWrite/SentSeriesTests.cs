using System.Text;
using ScrapeCluster.Model;
using ScrapeCluster.RemoteWrite.Encoding;
using ScrapeCluster.RemoteWrite.Following;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.RemoteWrite;

/// <summary>What the follower knows of series, and that it goes over the wire as it is.</summary>
public sealed class SentSeriesTests
{
    private readonly WriteRequestEncoder _encoder = new();

    [Fact]
    public void Find_AddedSeries_GoOverTheWireWithExternalLabels()
    {
        var series = new SentSeries(Labels.Of(("cluster", "north"), ("job", "external")), []);
        series.Add(Record((1, Labels.Of(("__name__", "up"), ("job", "node"))), (5000, Labels.Of(("__name__", "down")))), 0);

        Assert.Equal("__name__=up,cluster=north,job=node", Sent(series, 1));
        Assert.Equal("__name__=down,cluster=north,job=external", Sent(series, 5000));
        Assert.Equal(SeriesFate.Unknown, series.Find(2, out _));
        Assert.Equal(SeriesFate.Unknown, series.Find(1 << 30, out _));
    }

    [Fact]
    public void Find_SeriesThatRelabellingDrops_SaysSo()
    {
        Assert.True(RelabelRule.TryCompile(new RelabelConfig { SourceLabels = ["job"], Regex = "node", Action = RelabelAction.Drop }, out var rule, out var fault), fault);
        var series = new SentSeries(Labels.Empty, [rule]);
        series.Add(Record((1, Labels.Of(("job", "node"))), (2, Labels.Of(("job", "other")))), 0);
        Assert.Equal(SeriesFate.Dropped, series.Find(1, out _));
        Assert.Equal("job=other", Sent(series, 2));
        Assert.Equal(2, series.Count);
    }

    /// <summary>Series come and go with segments and checkpoints; those that are known are always sent with their own labels, also by samples from before.</summary>
    [Fact]
    public void AddKeepPrune_Random_AsADictionary()
    {
        var random = new Random(1);
        var series = new SentSeries(Labels.Empty, []);
        var model = new Dictionary<ulong, (Labels Labels, int Segment)>();
        var onTheirWay = new List<(StoredLabels Stored, Labels Labels)>();
        ulong next = 1;
        for (var segment = 0; segment < 60; segment++)
        {
            for (var i = 0; i < 100; i++)
            {
                next += (ulong)random.Next(1, 40);
                var labels = Labels.Of(("__name__", $"m{random.Next(20)}"), ("instance", $"t{random.Next(30)}"), ("id", random.Next(3) == 0 ? $"{next}" : ""));
                series.Add(Record((next, labels)), segment);
                model[next] = (labels, segment);
                if (random.Next(50) == 0)
                {
                    Assert.Equal(SeriesFate.Sent, series.Find(next, out var stored));
                    onTheirWay.Add((stored, labels));
                }
            }

            if (segment % 5 == 4)
            {
                var last = segment - 2;
                var held = model.Where(item => item.Value.Segment <= last && random.Next(3) == 0).ToList();
                held.ForEach(item => series.Keep(Record((item.Key, item.Value.Labels)), last));
                held.ForEach(item => model[item.Key] = (item.Value.Labels, last));
                series.Prune(last);
                foreach (var gone in model.Where(item => item.Value.Segment < last).Select(item => item.Key).ToList())
                {
                    model.Remove(gone);
                    Assert.Equal(SeriesFate.Unknown, series.Find(gone, out _));
                }
            }

            Assert.Equal(model.Count, series.Count);
        }

        Assert.All(model, item => Assert.Equal(Text(item.Value.Labels), Sent(series, item.Key)));
        Assert.All(onTheirWay, item => Assert.Equal(Text(item.Labels), Sent(item.Stored)));
    }

    [Fact]
    public void Add_ManyAndLongSets_AreAllKept()
    {
        var store = new LabelStore();
        var places = new List<(uint Place, Labels Labels)>();
        for (var i = 0; i < 300; i++)
        {
            var count = i % 100 == 99 ? 40_000 : (i * 7 % 400) + 1;
            var builder = new LabelsBuilder();
            for (var n = 0; n < count; n++)
            {
                builder.Add(Encoding.UTF8.GetBytes($"l{n}"), Encoding.UTF8.GetBytes($"v{(n + i) % 50}"));
            }

            var labels = builder.ToLabels();
            places.Add((store.Add(labels), labels));
        }

        Assert.All(places, item => Assert.Equal(Text(item.Labels), Sent(new StoredLabels(store, item.Place))));
    }

    private string Sent(SentSeries series, ulong seriesRef)
    {
        Assert.Equal(SeriesFate.Sent, series.Find(seriesRef, out var labels));
        return Sent(labels);
    }

    private string Sent(StoredLabels labels) =>
        Assert.Single(ReferenceRequest.Decode(_encoder.Encode([new PendingSample(labels, 1, 1)]).ToArray(), [])).Series;

    private static string Text(Labels labels) => string.Join(",", labels.ToPairs().Select(pair => $"{pair.Key}={pair.Value}"));

    private static byte[] Record(params (ulong Ref, Labels Labels)[] series)
    {
        var batch = new WalBatch();
        foreach (var (seriesRef, labels) in series)
        {
            batch.AddSeries(seriesRef, labels);
        }

        return batch.Record(0).ToArray();
    }
}
