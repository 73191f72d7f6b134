namespace ScrapeCluster.Cluster.Peers;

/// <summary>An answer of the protocol, not a failure: what was asked cannot be done yet, and whoever asks repeats it. Status 409.</summary>
public sealed class NotNowException(string message) : Exception(message);
