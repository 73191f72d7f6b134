using ScrapeCluster.Cluster.Speaking;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.RemoteWrite.StandIns;

namespace ScrapeCluster.Node.Clustering;

/// <summary>Between the cluster, which carries the words, and remote write, which decides by them; the two do not know each other.</summary>
internal sealed class NodeReplicaTalk(ReplicaNews news) : IReplicaTalk
{
    public ulong Session => (ulong)news.Session;

    public ReplicaWords Take()
    {
        var parcel = news.Take();
        return new ReplicaWords(parcel.Number, parcel.Scrapes, parcel.Answered);
    }

    public void Heard(ScrapedRequest words) => news.Heard(
        words.From,
        (long)words.Session,
        words.Number,
        [.. words.Targets.Select(target => new ToldScrape(target.Key, target.Slot, target.DueMs, target.IntervalMs, target.IsGood))],
        [.. words.Answered.Select(answered => KeyValuePair.Create(answered.Queue, answered.Number))]);

    public void Gone(string node) => news.Gone(node);
}
