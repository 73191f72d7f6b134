namespace ScrapeCluster.RemoteWrite.Client;

/// <summary>Carries one encoded request to the receiver. Failures are values, except for a cancelled token.</summary>
internal interface IWriteClient : IDisposable
{
    /// <param name="attempt">0 for the first try.</param>
    Task<StoreOutcome> StoreAsync(ReadOnlyMemory<byte> body, int attempt, CancellationToken cancellation);
}
