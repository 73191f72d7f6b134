using ScrapeCluster.Model;

namespace ScrapeCluster.Exposition;

/// <summary>
/// OpenMetrics text 1.0.0 and 0.0.1 (https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md) as Prometheus 3 reads it:
/// exactly one blank between tokens and none elsewhere, no blank lines, no comments but HELP, TYPE and UNIT, <c># EOF</c> last; beyond the specification
/// a quoted metric name may stand within the braces. Exemplars are checked and skipped.
/// </summary>
public ref partial struct OpenMetricsParser(ReadOnlySpan<byte> body) : IExpositionParser
{
    private readonly ReadOnlySpan<byte> _body = body;
    private int _at;
    private int _seriesStart;
    private int _seriesEnd;
    private int _nameStart;
    private int _nameEnd;
    private int _textStart;
    private int _textEnd;
    private int _typeNameStart;
    private int _typeNameEnd;
    private bool _hasExemplar;
    private bool _ended;

    public ExpositionEntry Entry { get; private set; }

    public ExpositionFault? Fault { get; private set; }

    public double Value { get; private set; }

    public bool HasTimestamp { get; private set; }

    public long TimestampMs { get; private set; }

    public MetricType CurrentType { get; private set; }

    public readonly ReadOnlySpan<byte> SeriesBytes => _body[_seriesStart.._seriesEnd];

    public readonly ReadOnlySpan<byte> FamilyName => _body[_nameStart.._nameEnd];

    public readonly ReadOnlySpan<byte> Text => _body[_textStart.._textEnd];

    public readonly string ReadText() => ExpositionText.Unescape(Text);

    public readonly void ReadLabels(LabelsBuilder labels) => SeriesLabels.Read(SeriesBytes, CurrentType, labels);

    public bool TryMatchSeries(ReadOnlySpan<byte> expected)
    {
        var rest = _body[_at..];
        if (rest.Length < expected.Length + 2 || rest[expected.Length] != ' ' || !rest.StartsWith(expected))
        {
            return false;
        }

        var valueAt = _at + expected.Length + 1;
        var length = GoFloat.ReadPlain(_body[valueAt..], out var value);
        var next = valueAt + length;
        if (length == 0 || next >= _body.Length || _body[next] != '\n')
        {
            return TryMatchUncommon(expected.Length);
        }

        SetSeries(_at, _at + expected.Length, next + 1);
        Value = value;
        HasTimestamp = false;
        return true;
    }

    public bool MoveNext()
    {
        if (Fault is not null || _ended)
        {
            return End();
        }

        if (_at >= _body.Length)
        {
            return Fail(_at, "data does not end with # EOF");
        }

        if (_body[_at] == '#')
        {
            return ReadHash();
        }

        var nameLength = ExpositionText.MetricNameLength(_body[_at..]);
        return nameLength > 0 || _body[_at] == '{' ? ReadSeries(_at, _at + nameLength) : Fail(_at, "expected a valid start token");
    }

    /// <summary>A known series with a timestamp, an exemplar, or a value that takes the long way.</summary>
    private bool TryMatchUncommon(int seriesLength)
    {
        var start = _at;
        _at = start + seriesLength;
        if (ReadSample() is null)
        {
            SetSeries(start, start + seriesLength, _at);
            return true;
        }

        // A fault: the long way says where and what.
        _at = start;
        return false;
    }

    private void SetSeries(int start, int end, int next)
    {
        _seriesStart = start;
        _seriesEnd = end;
        _at = next;
        Entry = ExpositionEntry.Series;
    }

    private bool End()
    {
        Entry = ExpositionEntry.None;
        return false;
    }

    private bool Fail(int from, string message)
    {
        Fault = ExpositionFault.At(_body, from, _at, message);
        return End();
    }
}
