namespace ScrapeCluster.Configuration;

/// <summary>Checks <c>tracing</c>.</summary>
internal static class TracingCheck
{
    public static void Check(YamlValue value)
    {
        if (value.AsSection() is not { } section)
        {
            return;
        }

        if (section.String("client_type", "grpc") is not ("grpc" or "http") and var type)
        {
            section.FaultAt("client_type", $"expected tracing client type to be either 'http' or 'grpc' but got \"{type}\"");
        }

        if (section.String("endpoint").Length == 0)
        {
            section.FaultAt("endpoint", "tracing endpoint must be set");
        }

        if (section.String("compression") is not ("" or "gzip") and var compression)
        {
            section.FaultAt("compression", $"invalid compression type {compression} provided, valid options: gzip");
        }

        section.Double("sampling_fraction");
        section.Bool("insecure");
        section.Duration("timeout");
        TlsReader.Read(section.Find("tls_config"));
        ReservedHeaders.Read(section, "authorization header configuration is not yet supported");
        section.Finish();
    }
}
