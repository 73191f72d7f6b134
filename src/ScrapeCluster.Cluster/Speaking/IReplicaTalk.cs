using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Speaking;

/// <summary>What remote write of this node tells the nodes with the other slots of its targets, and hears of them. Any thread; nothing waits.</summary>
public interface IReplicaTalk
{
    /// <summary>Of this process.</summary>
    ulong Session { get; }

    /// <summary>Everything since the last call; with a number of its own each time.</summary>
    ReplicaWords Take();

    /// <summary>May be the same again.</summary>
    void Heard(ScrapedRequest words);

    /// <summary>It was declared dead, or has left.</summary>
    void Gone(string node);
}

/// <param name="Answered">By queue: the highest number whose scrapes its receiver has.</param>
public sealed record ReplicaWords(long Number, IReadOnlyList<ScrapeEnd> Scrapes, IReadOnlyList<KeyValuePair<string, long>> Answered);
