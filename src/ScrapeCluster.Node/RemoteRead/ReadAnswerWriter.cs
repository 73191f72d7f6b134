using System.IO.Pipelines;
using ScrapeCluster.Model;

namespace ScrapeCluster.Node.RemoteRead;

/// <summary>
/// A <c>ReadResponse</c> (SAMPLES). A message says its length before its contents, so all samples are encoded before the first byte leaves; the snappy block
/// around it is made piece by piece on the way out.
/// </summary>
internal sealed class ReadAnswerWriter
{
    private const int ResultsField = 1;
    private const int TimeSeriesField = 1;
    private const int LabelsField = 1;
    private const int SamplesField = 2;
    private const int ValueField = 1;
    private const int TimestampField = 2;

    /// <summary>Tag and eight bytes.</summary>
    private const int ValueLength = 1 + sizeof(double);

    private readonly List<SegmentedBytes> _results = [];
    private readonly WireBuffer _buffer = new();
    private long _length;

    /// <summary>The series from now on are of the next query.</summary>
    public void BeginResult() => _results.Add(new SegmentedBytes());

    /// <exception cref="InvalidDataException">The message is longer by now than one can be.</exception>
    public void Add(Labels labels, List<long> timestampsMs, List<double> values)
    {
        var length = LengthOf(labels, timestampsMs);
        SnappyStream.CheckLength(_length += length);
        _buffer.Clear();
        _buffer.Begin(TimeSeriesField, length);
        _buffer.Labels(LabelsField, labels);
        for (var i = 0; i < timestampsMs.Count; i++)
        {
            _buffer.Begin(SamplesField, ValueLength + WireBuffer.Int64Length(timestampsMs[i]));
            _buffer.Double(ValueField, values[i]);
            _buffer.Int64(TimestampField, timestampsMs[i]);
        }

        _results[^1].Add(_buffer.Written);
    }

    /// <summary>All of it as a snappy block.</summary>
    /// <exception cref="InvalidDataException">It is longer than a message can be.</exception>
    public async Task SendAsync(PipeWriter body, CancellationToken cancellation)
    {
        var message = new SegmentedBytes[_results.Count * 2];
        for (var i = 0; i < _results.Count; i++)
        {
            _buffer.Clear();
            _buffer.Begin(ResultsField, _results[i].Length);
            message[i * 2] = new SegmentedBytes();
            message[i * 2].Add(_buffer.Written);
            message[(i * 2) + 1] = _results[i];
        }

        var snappy = new SnappyStream(body, message.Sum(part => part.Length));
        foreach (var bytes in message.SelectMany(part => part.Parts))
        {
            await snappy.WriteAsync(bytes, cancellation);
        }

        await snappy.EndAsync(cancellation);
    }

    private static long LengthOf(Labels labels, List<long> timestampsMs)
    {
        long length = 0;
        foreach (var label in labels)
        {
            length += WireBuffer.BytesLength(WireBuffer.LabelLength(label));
        }

        foreach (var timestampMs in timestampsMs)
        {
            length += WireBuffer.BytesLength(ValueLength + WireBuffer.Int64Length(timestampMs));
        }

        return length;
    }
}
