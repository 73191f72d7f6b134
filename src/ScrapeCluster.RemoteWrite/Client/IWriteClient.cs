using ScrapeCluster.RemoteWrite.Encoding;

namespace ScrapeCluster.RemoteWrite.Client;

/// <summary>Carries one encoded request to the receiver. Failures are values, except for a cancelled token.</summary>
internal interface IWriteClient : IDisposable
{
    /// <summary>What the receiver is sent. After a recoverable failure it may have changed, so that the request must be encoded anew.</summary>
    WireFormat Format { get; }

    /// <param name="attempt">0 for the first try.</param>
    Task<StoreOutcome> StoreAsync(EncodedRequest request, int attempt, CancellationToken cancellation);
}
