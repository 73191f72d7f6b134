using ScrapeCluster.Model;

namespace ScrapeCluster.Node.Receiving;

/// <summary>
/// Reads a request of either protocol into a batch. Of a series that is known nothing is made but its key: its labels are read only where the storage must
/// hear them, or somebody must be told. One request at a time.
/// </summary>
/// <param name="labelBytes">Of all series in one request that come with labels, at most: symbols of 2.0 may be used many times.</param>
/// <param name="describes">The storage keeps metadata.</param>
internal sealed partial class WriteDecoder(KnownSeries known, SeriesKeys keys, long labelBytes, bool describes)
{
    /// <summary>A sample takes as little as two bytes on the wire, and more here.</summary>
    public const int MaxSamples = 1 << 20;

    /// <summary>As many as the storage takes.</summary>
    public const int MaxLabels = 1 << 14;

    /// <summary>Of one series.</summary>
    public const int MaxLabelBytes = 1 << 20;

    /// <summary>So many things that are wrong are told one by one.</summary>
    private const int MaxProblems = 5;

    private const int MaxKeptBytes = 1 << 20;

    private readonly LabelsBuilder _labels = new();
    private readonly SymbolTable _symbols = new();
    private readonly List<SeriesPlace> _series = [];
    private readonly List<SeriesKey?> _newKeys = [];
    private readonly List<string> _problems = [];
    private readonly List<int> _refs = [];
    private readonly MetadataTexts _metadata = new();
    private WriteMessage _message;
    private byte[] _keyBytes = new byte[512];

    /// <summary>Of the series whose labels were read last, and of all in the request that come with labels.</summary>
    private long _readBytes;
    private long _labelBytes;
    private WriteTally _tally;

    /// <summary>A series with samples in the batch.</summary>
    private readonly record struct SeriesPlace(int Start, int Length, int FirstSample);

    public ref readonly WriteTally Tally => ref _tally;

    /// <summary>What is wrong with parts of the request, the first few.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Not so large by its last request that it should go.</summary>
    public bool IsWorthKeeping => _symbols.CapacityBytes + _keyBytes.Length + (_series.Capacity * 12) + (_newKeys.Capacity * 24) <= MaxKeptBytes;

    /// <summary>Fills the batch. Null, or why nothing of the request can be stored: then the batch must not be sent.</summary>
    /// <param name="latestMs">Samples of later times are refused.</param>
    public WriteFault? Decode(WriteMessage message, ReadOnlySpan<byte> request, SampleBatch batch, long latestMs)
    {
        _message = message;
        _symbols.Clear();
        _series.Clear();
        _newKeys.Clear();
        _problems.Clear();
        _labelBytes = 0;
        _tally = default;
        var fault = message == WriteMessage.V1 ? DecodeV1(request, batch, latestMs) : DecodeV2(request, batch, latestMs);
        batch.ReportedCount = batch.Count;
        return fault;
    }

    /// <summary>The storage has stored the batch: its series are known from now on.</summary>
    public void Learn(ReadOnlySpan<ulong> newRefs)
    {
        for (var i = 0; i < newRefs.Length; i++)
        {
            // None where all its samples were out of bounds.
            if (newRefs[i] != 0 && _newKeys[i] is { } key)
            {
                known.Learn(key, newRefs[i]);
            }
        }
    }

    /// <summary>Labels of the series of a sample that is in the batch, of the same request.</summary>
    public Labels LabelsAt(int sampleIndex, ReadOnlySpan<byte> request)
    {
        ReadLabels(SeriesAt(sampleIndex, request), request);
        return _labels.ToLabels();
    }

    /// <summary>Makes a second batch of samples whose series the storage has forgotten.</summary>
    public void Resend(ReadOnlySpan<UnknownSample> unknown, ReadOnlySpan<byte> request, SampleBatch batch)
    {
        _newKeys.Clear();
        foreach (var sample in unknown)
        {
            var series = SeriesAt(sample.Index, request);
            var key = _message == WriteMessage.V1 ? KeyOfV1(series, out _) : KeyOfV2(series, out _);
            ReadLabels(series, request);
            AddNew(batch, _labels.ToLabels(), key, BitConverter.DoubleToUInt64Bits(sample.Value), sample.TimestampMs);
        }

        batch.ReportedCount = batch.Count;
    }

    /// <summary>Not yet as many as are told.</summary>
    public bool WantsProblems => _problems.Count < MaxProblems;

    public void Complain(string problem)
    {
        if (WantsProblems)
        {
            _problems.Add(problem);
        }
    }

    private static WriteFault Broken(string what) => WriteFault.BadRequest($"the request is no message of that kind: {what} is broken");

    private static WriteFault TooManySamples() =>
        WriteFault.TooLarge($"the request has more than {MaxSamples} samples: send fewer at a time (max_samples_per_send)");

    private ReadOnlySpan<byte> SeriesAt(int sampleIndex, ReadOnlySpan<byte> request)
    {
        var (low, high) = (0, _series.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _series[middle].FirstSample <= sampleIndex ? (middle, high) : (low, middle - 1);
        }

        return request.Slice(_series[low].Start, _series[low].Length);
    }

    private void ReadLabels(ReadOnlySpan<byte> series, ReadOnlySpan<byte> request)
    {
        _labels.Clear();
        _readBytes = 0;
        if (_message == WriteMessage.V1)
        {
            ReadLabelsV1(series);
        }
        else
        {
            KeyOfV2(series, out _);
            ReadLabelsV2(request);
        }
    }

    /// <summary>What is too much is not kept, only counted.</summary>
    private void ReadLabel(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        _readBytes += name.Length + value.Length;
        if (_readBytes <= MaxLabelBytes && _labels.Count <= MaxLabels)
        {
            _labels.Add(name, value);
        }
    }

    /// <summary>Finds the series, or makes its labels. Null when they are no series; that is then counted.</summary>
    private ReceivedSeries? Resolve(SeriesKey? key, ReadOnlySpan<byte> series, ReadOnlySpan<byte> request, int samples, out WriteFault? fault)
    {
        fault = null;
        if (key is { } given && known.TryFind(given, out var seriesRef))
        {
            return new ReceivedSeries(seriesRef, null, key);
        }

        ReadLabels(series, request);
        if (SeriesRules.FaultOf(_labels, _readBytes) is { } wrong)
        {
            _tally.InvalidLabelSamples += samples;
            Complain(wrong);
            return null;
        }

        var labels = _labels.ToLabels();
        _labelBytes += labels.Packed.Length;
        if (_labelBytes > labelBytes)
        {
            fault = WriteFault.TooLarge($"the labels of the request's new series have more than {labelBytes} bytes: send fewer series at a time");
        }

        return new ReceivedSeries(0, labels, key);
    }

    /// <summary>Adds the samples of a series, which both protocols have in field 2. A fault, when there are too many or one cannot be read.</summary>
    /// <param name="start">Where the series stands in the request.</param>
    private WriteFault? TakeSamples(ReadOnlySpan<byte> series, int start, in ReceivedSeries found, SampleBatch batch, long latestMs)
    {
        var first = batch.Count;
        var fields = new WireReader(series);
        while (fields.MoveNext())
        {
            if (fields.Field != 2)
            {
                continue;
            }

            if (!TryReadSample(fields.Bytes, out var bits, out var timestampMs))
            {
                return Broken("a sample");
            }

            if (!TryAdd(batch, found, bits, timestampMs, latestMs))
            {
                return TooManySamples();
            }
        }

        if (batch.Count > first)
        {
            _series.Add(new SeriesPlace(start, series.Length, first));
        }

        return null;
    }

    /// <summary>The start timestamp of 2.0 has no place in the storage.</summary>
    private static bool TryReadSample(ReadOnlySpan<byte> sample, out ulong bits, out long timestampMs)
    {
        (bits, timestampMs) = (0, 0);
        var fields = new WireReader(sample);
        while (fields.MoveNext())
        {
            if (fields.Field == 1)
            {
                bits = fields.Number;
            }
            else if (fields.Field == 2)
            {
                timestampMs = (long)fields.Number;
            }

            if (fields is { IsBytes: true, Field: 1 or 2 })
            {
                return false;
            }
        }

        return !fields.IsBroken;
    }

    /// <summary>Adds one sample; false when there are too many.</summary>
    private bool TryAdd(SampleBatch batch, in ReceivedSeries series, ulong bits, long timestampMs, long latestMs)
    {
        if (timestampMs > latestMs)
        {
            if (_tally.FutureSamples++ == 0)
            {
                Complain("out of bounds: a sample is more than ten minutes ahead of this node's clock");
            }

            return true;
        }

        if (batch.Count == MaxSamples)
        {
            return false;
        }

        if (series.Labels is { } labels)
        {
            AddNew(batch, labels, series.Key, bits, timestampMs);
        }
        else
        {
            batch.Add(series.Ref, BitConverter.UInt64BitsToDouble(bits), timestampMs);
        }

        return true;
    }

    private void AddNew(SampleBatch batch, Labels labels, SeriesKey? key, ulong bits, long timestampMs)
    {
        _newKeys.Add(key);
        batch.AddNew(labels, BitConverter.UInt64BitsToDouble(bits), timestampMs);
    }

    /// <param name="Ref">0 where it comes with labels.</param>
    private readonly record struct ReceivedSeries(ulong Ref, Labels? Labels, SeriesKey? Key);
}
