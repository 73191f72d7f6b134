using ScrapeCluster.Model;

namespace ScrapeCluster.Node.Receiving;

/// <summary>The way into the node's storage for samples that it does not scrape itself.</summary>
/// <param name="Batches">Where batches come from; the storage gives them back.</param>
/// <param name="Append">
/// Hands a batch over and answers with what became of it. Fails with <see cref="AskTimeoutException"/> or <see cref="OperationCanceledException"/> when the
/// storage does not answer in time or the node stops: the batch may or may not be stored then.
/// </param>
internal sealed record SampleIntake(SampleBatchPool Batches, Func<SampleBatch, Task<AppendResult>> Append);
