using System.Buffers.Text;
using System.Text.Unicode;

namespace ScrapeCluster.Exposition;

/// <summary>What the kinds of lines hold.</summary>
public ref partial struct TextParser
{
    private bool ReadHash()
    {
        var start = _at;
        var word = SkipBlanks(_at + 1);
        var rest = _body[word..];
        var isHelp = rest.StartsWith("HELP"u8);
        var isMetadata = word > start + 1
            && (isHelp || rest.StartsWith("TYPE"u8))
            && rest.Length > 4 && rest[4] is (byte)' ' or (byte)'\t';
        if (isMetadata)
        {
            _at = SkipBlanks(word + 4);
            return ReadMetadata(start, isHelp);
        }

        return ReadComment(start, word);
    }

    private bool ReadComment(int start, int textStart)
    {
        var end = LineEnd(start);

        // A zero byte right in a comment that has no blank behind its hash ends the page, as in Prometheus.
        var zero = textStart == start + 1 ? _body[start..end].IndexOf((byte)0) : -1;
        if (zero >= 0)
        {
            _at = _body.Length;
            return End();
        }

        return SetText(ExpositionEntry.Comment, textStart, end);
    }

    private bool ReadMetadata(int start, bool isHelp)
    {
        var quoted = _at < _body.Length && _body[_at] == '"';
        var nameLength = quoted ? ExpositionText.QuotedLength(_body[_at..], "\0"u8) : ExpositionText.MetricNameLength(_body[_at..]);
        if (nameLength == 0)
        {
            return Fail(start, isHelp ? "expected metric name after HELP" : "expected metric name after TYPE");
        }

        (_nameStart, _nameEnd) = quoted ? (_at + 1, _at + nameLength - 1) : (_at, _at + nameLength);
        var end = LineEnd(_at + nameLength);
        _at = Math.Min(_at + nameLength + 1, end);
        if (isHelp)
        {
            return Utf8.IsValid(_body[_at..end]) ? SetText(ExpositionEntry.Help, _at, end) : Fail(start, "help text is not valid UTF-8");
        }

        if (!TypeWords.TryText(_body[_at..end], out var type))
        {
            return Fail(start, "invalid metric type");
        }

        CurrentType = type;
        return SetText(ExpositionEntry.Type, _at, end);
    }

    private bool SetText(ExpositionEntry entry, int start, int end)
    {
        (_textStart, _textEnd) = (start, end);
        _at = Math.Min(end + 1, _body.Length);
        Entry = entry;
        return true;
    }

    /// <summary>A series, the braces or the value of which are next behind <paramref name="end"/>.</summary>
    private bool ReadSeries(int start, int end, bool hasName)
    {
        _at = SkipBlanks(end);
        if (_at < _body.Length && _body[_at] == '{')
        {
            if (ReadBraces(hasName) is { } braceFault)
            {
                return Fail(start, braceFault);
            }

            end = _at;
        }

        if (ReadSample() is { } fault)
        {
            return Fail(start, fault);
        }

        SetSeries(start, end, _at);
        return true;
    }

    /// <summary>Checks from the open brace to behind the closing one; on a fault says what was expected at <see cref="_at"/>.</summary>
    private string? ReadBraces(bool hasName)
    {
        _at = SkipBlanks(_at + 1);
        while (Peek() != '}')
        {
            var quoted = Peek() == '"';
            var nameStart = _at;
            var length = quoted ? ExpositionText.QuotedLength(_body[_at..], "\0"u8) : ExpositionText.LabelNameLength(_body[_at..]);
            if (length <= (quoted ? 2 : 0) || !Utf8.IsValid(_body.Slice(_at, length)))
            {
                return "expected label name";
            }

            _at = SkipBlanks(_at + length);
            if (quoted && Peek() is ',' or '}')
            {
                if (hasName)
                {
                    _at = nameStart;
                    return "metric name already set";
                }

                hasName = true;
            }
            else if (ReadLabelValue() is { } fault)
            {
                return fault;
            }

            if (Peek() == ',')
            {
                _at = SkipBlanks(_at + 1);
            }
        }

        _at++;
        return hasName ? null : "metric name not set";
    }

    private string? ReadLabelValue()
    {
        if (Peek() != '=')
        {
            return "expected equal";
        }

        _at = SkipBlanks(_at + 1);
        var length = Peek() == '"' ? ExpositionText.QuotedLength(_body[_at..], default) : 0;
        if (length == 0)
        {
            return "expected label value";
        }

        if (!Utf8.IsValid(_body.Slice(_at, length)))
        {
            return "invalid UTF-8 label value";
        }

        _at = SkipBlanks(_at + length);
        return null;
    }

    /// <summary>Value, timestamp and line end; on a fault says what was expected at <see cref="_at"/>.</summary>
    private string? ReadSample()
    {
        _at = SkipBlanks(_at);
        var rest = _body[_at..];
        var length = rest.IndexOfAny(" \t\n{"u8);
        length = length < 0 ? rest.Length : length;
        if (length == 0)
        {
            return "expected value after metric";
        }

        if (!GoFloat.TryParse(rest[..length], out var value))
        {
            return "expected a float as value";
        }

        _at = SkipBlanks(_at + length);
        HasTimestamp = char.IsAsciiDigit(Peek());
        if (HasTimestamp)
        {
            if (!Utf8Parser.TryParse(_body[_at..], out long timestamp, out var consumed))
            {
                return "timestamp out of range";
            }

            TimestampMs = timestamp;
            _at = SkipBlanks(_at + consumed);
        }

        if (Peek() != '\n')
        {
            return HasTimestamp ? "expected next entry after timestamp" : "expected timestamp or new record";
        }

        _at = Math.Min(_at + 1, _body.Length);
        Value = value;
        return null;
    }

    /// <summary>The byte at hand; the page ends with a line feed whether it stands there or not.</summary>
    private readonly char Peek() => _at < _body.Length ? (char)_body[_at] : '\n';

    private readonly int LineEnd(int from)
    {
        var length = _body[from..].IndexOf((byte)'\n');
        return length < 0 ? _body.Length : from + length;
    }
}
