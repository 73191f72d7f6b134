namespace ScrapeCluster.Configuration.Http;

/// <summary>What the user of a client decides, beside the configuration.</summary>
public sealed record HttpTransportOptions
{
    /// <summary>How long an unused connection is kept. For a scrape two intervals: less would connect anew each time.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Connections are replaced after this time, so that a changed name resolution is followed.</summary>
    public TimeSpan ConnectionLifetime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Decides when a token expires.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>New connections go to the addresses of a name in turn, and the name is looked up for each.</summary>
    public bool RoundRobinDns { get; init; }

    /// <summary>Looks up a name when connections take turns. Throws <see cref="System.Net.Sockets.SocketException"/>.</summary>
    public Func<string, CancellationToken, Task<System.Net.IPAddress[]>> Resolve { get; init; } = System.Net.Dns.GetHostAddressesAsync;

    /// <summary>Dials this socket whatever the URL's host.</summary>
    public string? UnixSocket { get; init; }
}
