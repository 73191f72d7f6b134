using ScrapeCluster.Configuration;
using ScrapeCluster.RemoteWrite.Encoding;

namespace ScrapeCluster.RemoteWrite.Client;

/// <summary>The message that one queue's receiver is sent. It changes once at most, from 2.0 to 1.0, when that is allowed and the receiver does not know 2.0.</summary>
/// <param name="families">What requests of 2.0 tell of metrics; null tells nothing.</param>
internal sealed class WireFormat(RemoteWriteMessage configured, bool fallsBack = false, FamilyTable? families = null)
{
    private volatile RemoteWriteMessage _message = configured;

    public RemoteWriteMessage Message => _message;

    /// <summary>Stores of labels must be able to serve 2.0.</summary>
    public bool NeedsSymbols { get; } = configured == RemoteWriteMessage.V2;

    public FamilyTable? Families => families;

    /// <summary>The receiver refused a request for its message: true when the other one is to be tried, from now on.</summary>
    public bool TryFallBack(RemoteWriteMessage refused)
    {
        if (!fallsBack || refused == RemoteWriteMessage.V1)
        {
            return false;
        }

        _message = RemoteWriteMessage.V1;
        return true;
    }
}
