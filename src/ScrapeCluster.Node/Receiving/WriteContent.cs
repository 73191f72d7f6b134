namespace ScrapeCluster.Node.Receiving;

/// <summary>What a request says that it is. Headers that are left out mean 1.0 in snappy, as at Prometheus; what is not understood is answered with 415.</summary>
internal static class WriteContent
{
    private const string MediaType = "application/x-protobuf";
    private const string NameV1 = "prometheus.WriteRequest";
    private const string NameV2 = "io.prometheus.write.v2.Request";

    public static WriteFault? Negotiate(string? contentType, string? encoding, out WriteMessage message)
    {
        message = WriteMessage.V1;
        if (encoding is { Length: > 0 } && !encoding.Equals("snappy", StringComparison.OrdinalIgnoreCase))
        {
            return Unsupported($"\"{encoding}\" encoding (compression) is not accepted by this server; only snappy is acceptable");
        }

        if (string.IsNullOrWhiteSpace(contentType))
        {
            return null;
        }

        var parts = contentType.Split(';', StringSplitOptions.TrimEntries);
        if (!parts[0].Equals(MediaType, StringComparison.OrdinalIgnoreCase))
        {
            return Unsupported($"expected {MediaType} as the first (media) part, got \"{contentType}\" content-type");
        }

        foreach (var parameter in parts.AsSpan(1))
        {
            var equals = parameter.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || !parameter.AsSpan(0, equals).Trim().Equals("proto", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            var name = parameter.AsSpan(equals + 1).Trim().Trim('"');
            if (name.SequenceEqual(NameV2))
            {
                message = WriteMessage.V2;
            }
            else if (!name.SequenceEqual(NameV1))
            {
                return Unsupported($"unknown remote write protobuf message \"{name}\"; this server accepts {NameV1} and {NameV2}");
            }
        }

        return null;
    }

    private static WriteFault Unsupported(string text) => new(StatusCodes.Status415UnsupportedMediaType, text);
}
