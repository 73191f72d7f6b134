namespace ScrapeCluster.RemoteWrite.Queues.Sharding;

/// <summary>What a queue has done since it began; every part only grows.</summary>
/// <param name="In">Samples that the node has written to its log, also those that the queue has not read yet.</param>
/// <param name="Dropped">Samples that the queue has read and will not send: relabelled away, too old, of unknown series.</param>
/// <param name="Out">Samples of requests that have come to their end, taken or refused.</param>
/// <param name="OutDuration">How long those requests took, all shards together, from the first try to the end, waits between tries included.</param>
internal readonly record struct QueueTotals(double In, double Dropped, double Out, TimeSpan OutDuration);
