namespace ScrapeCluster.SystemTests.Harness;

/// <summary>A native histogram of either version as it stood on the wire; its fields are listed at <see cref="WriteV2Reader"/>.</summary>
internal sealed record WrittenHistogram
{
    /// <summary>Null where the message has no count of whole numbers.</summary>
    public ulong? IntCount { get; init; }

    public double? FloatCount { get; init; }

    public ulong? IntZeroCount { get; init; }

    public double? FloatZeroCount { get; init; }

    public double Sum { get; init; }

    public long Schema { get; init; }

    public double ZeroThreshold { get; init; }

    public required WrittenBuckets Negative { get; init; }

    public required WrittenBuckets Positive { get; init; }

    public ulong ResetHint { get; init; }

    public long TimestampMs { get; init; }

    public IReadOnlyList<double> CustomValues { get; init; } = [];

    public static WrittenHistogram Read(byte[] message)
    {
        var fields = ProtobufFields.Of(message);
        return new WrittenHistogram
        {
            IntCount = Find(1)?.Bits,
            FloatCount = Find(2)?.Double,
            Sum = Find(3)?.Double ?? 0,
            Schema = Find(4)?.Folded ?? 0,
            ZeroThreshold = Find(5)?.Double ?? 0,
            IntZeroCount = Find(6)?.Bits,
            FloatZeroCount = Find(7)?.Double,
            Negative = Buckets(8),
            Positive = Buckets(11),
            ResetHint = Find(14)?.Bits ?? 0,
            TimestampMs = (long)(Find(15)?.Bits ?? 0),
            CustomValues = Find(16)?.PackedDoubles ?? [],
        };

        // One field at most, but for spans.
        ProtobufField? Find(int number) => fields.Where(field => field.Number == number).Cast<ProtobufField?>().SingleOrDefault();

        WrittenBuckets Buckets(int first) => new(
            [.. fields.Where(field => field.Number == first).Select(field => Span(field.Bytes))], Find(first + 1)?.PackedFolded ?? [], Find(first + 2)?.PackedDoubles ?? []);
    }

    private static (long Offset, ulong Length) Span(byte[] message)
    {
        var fields = ProtobufFields.Of(message).ToDictionary(field => field.Number);
        return (fields.GetValueOrDefault(1).Folded, fields.GetValueOrDefault(2).Bits);
    }
}

/// <param name="Deltas">Of whole numbers, each against the one before it.</param>
/// <param name="Counts">Of others.</param>
internal sealed record WrittenBuckets(IReadOnlyList<(long Offset, ulong Length)> Spans, IReadOnlyList<long> Deltas, IReadOnlyList<double> Counts)
{
    /// <summary>How many there are by the spans; there must be as many counts.</summary>
    public int Length => (int)Spans.Sum(span => (long)span.Length);

    public double Sum
    {
        get
        {
            var (sum, last) = (Counts.Sum(), 0L);
            foreach (var delta in Deltas)
            {
                sum += last += delta;
            }

            return sum;
        }
    }
}
