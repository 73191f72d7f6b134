namespace ScrapeCluster.Node.Receiving;

/// <summary>The two protocols of remote write.</summary>
internal enum WriteMessage
{
    /// <summary><c>prometheus.WriteRequest</c>, https://prometheus.io/docs/specs/prw/remote_write_spec/.</summary>
    V1,

    /// <summary><c>io.prometheus.write.v2.Request</c>, https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/.</summary>
    V2,
}
