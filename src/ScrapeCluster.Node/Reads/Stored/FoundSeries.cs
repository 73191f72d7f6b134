using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;

namespace ScrapeCluster.Node.Reads;

/// <summary>One series of one node in the asked range.</summary>
/// <param name="Labels">Without the replica label.</param>
/// <param name="Replica">Its value; empty where a series has none.</param>
/// <param name="Chunks">In order of time; their data is their own. None where only labels were asked for.</param>
internal sealed record FoundSeries(Labels Labels, string Replica, IReadOnlyList<BlockChunk> Chunks);
