namespace ScrapeCluster.Configuration;

/// <summary>Reads <c>queue_config</c> and <c>metadata_config</c> of a receiver.</summary>
internal static class QueueReader
{
    private static readonly QueueConfig Default = new();
    private static readonly MetadataConfig DefaultMetadata = new();

    public static QueueConfig Read(YamlValue? value)
    {
        if (value?.AsSection() is not { } section)
        {
            return Default;
        }

        var queue = new QueueConfig
        {
            Capacity = section.Int("capacity", Default.Capacity),
            MinShards = section.Int("min_shards", Default.MinShards),
            MaxShards = section.Int("max_shards", Default.MaxShards),
            MaxSamplesPerSend = section.Int("max_samples_per_send", Default.MaxSamplesPerSend),
            BatchSendDeadline = section.Duration("batch_send_deadline", Default.BatchSendDeadline),
            MinBackoff = section.Duration("min_backoff", Default.MinBackoff),
            MaxBackoff = section.Duration("max_backoff", Default.MaxBackoff),
            RetryOnHttp429 = section.Bool("retry_on_http_429"),
            SampleAgeLimit = section.Duration("sample_age_limit"),
        };
        Check(section, queue);
        section.Finish();
        return queue;
    }

    public static MetadataConfig ReadMetadata(YamlValue? value)
    {
        if (value?.AsSection() is not { } section)
        {
            return DefaultMetadata;
        }

        var metadata = new MetadataConfig
        {
            Send = section.Bool("send", DefaultMetadata.Send),
            SendInterval = section.Duration("send_interval", DefaultMetadata.SendInterval),
            MaxSamplesPerSend = section.Int("max_samples_per_send", DefaultMetadata.MaxSamplesPerSend),
        };
        section.Finish();
        return metadata;
    }

    private static void Check(Section section, QueueConfig queue)
    {
        CheckPositive(section, "capacity", queue.Capacity);
        CheckPositive(section, "min_shards", queue.MinShards);
        CheckPositive(section, "max_shards", queue.MaxShards);
        CheckPositive(section, "max_samples_per_send", queue.MaxSamplesPerSend);
        CheckPositive(section, "batch_send_deadline", queue.BatchSendDeadline.Ticks);
        if (queue.MinShards > queue.MaxShards)
        {
            section.FaultAt("min_shards", $"remote write queue min_shards must not be greater than max_shards, got {queue.MinShards} and {queue.MaxShards}");
        }

        if (queue.MaxBackoff < queue.MinBackoff)
        {
            section.FaultAt("max_backoff", "remote write queue max_backoff must not be less than min_backoff");
        }
    }

    private static void CheckPositive(Section section, string key, long value)
    {
        if (value <= 0)
        {
            section.FaultAt(key, $"remote write queue {key} must be positive");
        }
    }
}
