using ScrapeCluster.Model;

namespace ScrapeCluster.Exposition;

/// <summary>
/// Prometheus's text format 0.0.4 and 1.0.0 (https://prometheus.io/docs/instrumenting/exposition_formats/), as Prometheus 3 reads it:
/// a missing last line feed is fine, blanks and tabs may stand between tokens, a quoted metric name may stand within the braces,
/// a zero byte where an entry would start ends the page.
/// </summary>
public ref partial struct TextParser(ReadOnlySpan<byte> body) : IExpositionParser
{
    private readonly ReadOnlySpan<byte> _body = body;
    private int _at;
    private int _seriesStart;
    private int _seriesEnd;
    private int _nameStart;
    private int _nameEnd;
    private int _textStart;
    private int _textEnd;

    public ExpositionEntry Entry { get; private set; }

    public ExpositionFault? Fault { get; private set; }

    public double Value { get; private set; }

    public bool HasTimestamp { get; private set; }

    public long TimestampMs { get; private set; }

    public MetricType CurrentType { get; private set; }

    public readonly ReadOnlySpan<byte> SeriesBytes => _body[_seriesStart.._seriesEnd];

    public readonly ReadOnlySpan<byte> FamilyName => _body[_nameStart.._nameEnd];

    public readonly ReadOnlySpan<byte> Text => _body[_textStart.._textEnd];

    public readonly string ReadText() => ExpositionText.Unescape(Text, quotes: false);

    public readonly void ReadLabels(LabelsBuilder labels) => SeriesLabels.Read(SeriesBytes, CurrentType, labels);

    public bool TryMatchSeries(ReadOnlySpan<byte> expected)
    {
        var rest = _body[_at..];
        if (rest.Length < expected.Length + 2 || rest[expected.Length] != ' ' || !rest.StartsWith(expected))
        {
            return false;
        }

        var at = _at + expected.Length + 1;
        var length = GoFloat.ReadPlain(_body[at..], out var value);
        if (length == 0 || (at + length < _body.Length && _body[at + length] != '\n'))
        {
            return TryMatchUncommon(expected.Length);
        }

        SetSeries(_at, _at + expected.Length, at + length + 1);
        Value = value;
        HasTimestamp = false;
        return true;
    }

    public bool MoveNext()
    {
        while (true)
        {
            var start = _at;
            _at = SkipBlanks(_at);
            if (Fault is not null || _at >= _body.Length || _body[_at] == 0)
            {
                return End();
            }

            switch (_body[_at])
            {
                case (byte)'\n':
                    _at++;
                    continue;
                case (byte)'#':
                    return ReadHash();
                case (byte)'{':
                    return ReadSeries(start, _at, hasName: false);
                default:
                    // Prometheus would make blanks before a name part of it, a series that nobody means.
                    var nameLength = start == _at ? ExpositionText.MetricNameLength(_body[_at..]) : 0;
                    return nameLength > 0 ? ReadSeries(start, start + nameLength, hasName: true) : Fail(start, "expected a valid start token");
            }
        }
    }

    /// <summary>A known series with a timestamp, with blanks around the value, or with a value that takes the long way.</summary>
    private bool TryMatchUncommon(int seriesLength)
    {
        var start = _at;
        _at = start + seriesLength;
        if (ReadSample() is null)
        {
            SetSeries(start, start + seriesLength, _at);
            return true;
        }

        // Not this series after all, or a fault: the long way tells which, and where.
        _at = start;
        return false;
    }

    private void SetSeries(int start, int end, int next)
    {
        _seriesStart = start;
        _seriesEnd = end;
        _at = Math.Min(next, _body.Length);
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

    private readonly int SkipBlanks(int at)
    {
        while (at < _body.Length && _body[at] is (byte)' ' or (byte)'\t')
        {
            at++;
        }

        return at;
    }
}
