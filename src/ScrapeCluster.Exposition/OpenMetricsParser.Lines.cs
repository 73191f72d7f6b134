using System.Text.Unicode;

namespace ScrapeCluster.Exposition;

/// <summary>What the kinds of lines hold.</summary>
public ref partial struct OpenMetricsParser
{
    private bool ReadHash()
    {
        var start = _at;
        var rest = _body[start..];
        if (rest.StartsWith("# EOF"u8))
        {
            _at += rest.StartsWith("# EOF\n"u8) ? 6 : 5;
            _ended = true;
            return _at == _body.Length ? End() : Fail(start, "unexpected data after # EOF");
        }

        var entry = rest.StartsWith("# HELP "u8) ? ExpositionEntry.Help
            : rest.StartsWith("# TYPE "u8) ? ExpositionEntry.Type
            : rest.StartsWith("# UNIT "u8) ? ExpositionEntry.Unit
            : ExpositionEntry.None;
        if (entry == ExpositionEntry.None)
        {
            return Fail(start, "expected HELP, TYPE, UNIT or EOF after #");
        }

        _at += 7;
        return ReadMetadata(start, entry);
    }

    private bool ReadMetadata(int start, ExpositionEntry entry)
    {
        var quoted = Peek() == '"';
        var nameLength = quoted ? ExpositionText.QuotedLength(_body[_at..], "\n\0"u8) : ExpositionText.MetricNameLength(_body[_at..]);
        if (nameLength == 0)
        {
            return Fail(start, "expected metric name after HELP, TYPE or UNIT");
        }

        (_nameStart, _nameEnd) = quoted ? (_at + 1, _at + nameLength - 1) : (_at, _at + nameLength);
        _at += nameLength;
        var length = _body[_at..].IndexOf((byte)'\n');
        if (Peek() != ' ' || length < 0)
        {
            return Fail(start, "expected a blank, text and a line feed after metric name");
        }

        (_textStart, _textEnd) = (_at + 1, _at + length);
        if (MetadataFault(entry) is { } fault)
        {
            _at = _textStart;
            return Fail(start, fault);
        }

        _at = _textEnd + 1;
        Entry = entry;
        return true;
    }

    private string? MetadataFault(ExpositionEntry entry)
    {
        switch (entry)
        {
            case ExpositionEntry.Help:
                return Utf8.IsValid(Text) ? null : "help text is not valid UTF-8";
            case ExpositionEntry.Unit:
                return IsUnitOf(FamilyName, Text) ? null : "unit is not a suffix of the metric name";
            default:
                if (!TypeWords.TryOpenMetrics(Text, out var type))
                {
                    return "invalid metric type";
                }

                CurrentType = type;
                (_typeNameStart, _typeNameEnd) = (_nameStart, _nameEnd);
                return null;
        }
    }

    private static bool IsUnitOf(ReadOnlySpan<byte> name, ReadOnlySpan<byte> unit)
    {
        return unit.IsEmpty || (name.EndsWith(unit) && name.Length > unit.Length && name[^(unit.Length + 1)] == '_');
    }

    /// <summary>A series whose name, if it stands before the braces, ends at <paramref name="nameEnd"/>.</summary>
    private bool ReadSeries(int start, int nameEnd)
    {
        _at = nameEnd;
        if (Peek() == '{' && ReadBraces(nameEnd > start, isExemplar: false) is { } braceFault)
        {
            return Fail(start, braceFault);
        }

        var end = _at;
        if (ReadSample() is { } fault)
        {
            return Fail(start, fault);
        }

        if (_hasExemplar && !ExemplarRules.Allows(CurrentType, _body[_typeNameStart.._typeNameEnd], _body[start..end]))
        {
            _at = end;
            return Fail(start, "a sample of this kind does not support exemplars");
        }

        SetSeries(start, end, _at);
        return true;
    }

    /// <summary>Checks from the open brace to behind the closing one; on a fault says what was expected at <see cref="_at"/>.</summary>
    private string? ReadBraces(bool hasName, bool isExemplar)
    {
        _at++;
        while (Peek() != '}')
        {
            var quoted = Peek() == '"';
            var nameStart = _at;
            var length = quoted ? ExpositionText.QuotedLength(_body[_at..], "\n\0"u8) : ExpositionText.LabelNameLength(_body[_at..]);
            if (length <= (quoted ? 2 : 0) || !Utf8.IsValid(_body.Slice(_at, length)))
            {
                return "expected label name";
            }

            _at += length;
            if (quoted && Peek() is ',' or '}')
            {
                if (hasName || isExemplar)
                {
                    _at = nameStart;
                    return isExemplar ? "expected label name" : "metric name already set";
                }

                hasName = true;
            }
            else if (ReadLabelValue() is { } fault)
            {
                return fault;
            }

            if (Peek() == ',')
            {
                _at++;

                // As in the specification; Prometheus 3 lets a comma stand before the closing brace.
                if (Peek() == '}')
                {
                    return "expected label name";
                }
            }
            else if (Peek() != '}')
            {
                return "expected comma or brace close";
            }
        }

        _at++;
        return hasName || isExemplar ? null : "metric name not set";
    }

    private string? ReadLabelValue()
    {
        if (Peek() != '=')
        {
            return "expected equal";
        }

        _at++;
        var length = Peek() == '"' ? ExpositionText.QuotedLength(_body[_at..], "\n"u8) : 0;
        if (length == 0)
        {
            return "expected label value";
        }

        if (!Utf8.IsValid(_body.Slice(_at, length)))
        {
            return "invalid UTF-8 label value";
        }

        _at += length;
        return null;
    }

    /// <summary>Value, timestamp, exemplar and line feed; on a fault says what was expected at <see cref="_at"/>.</summary>
    private string? ReadSample()
    {
        if (!TryReadFloat(out var value))
        {
            return "expected value after metric";
        }

        Value = value;
        HasTimestamp = Peek() == ' ' && !_body[_at..].StartsWith(" # {"u8);
        if (HasTimestamp)
        {
            if (!TryReadFloat(out var seconds) || !double.IsFinite(seconds))
            {
                return "expected timestamp or exemplar";
            }

            TimestampMs = ToMilliseconds(seconds);
        }

        _hasExemplar = Peek() == ' ';
        if (_hasExemplar && ReadExemplar() is { } fault)
        {
            return fault;
        }

        if (Peek() != '\n')
        {
            return _at < _body.Length ? "expected next entry" : "data does not end with # EOF";
        }

        _at++;
        return null;
    }

    private string? ReadExemplar()
    {
        if (!_body[_at..].StartsWith(" # {"u8))
        {
            return "expected next entry after timestamp";
        }

        _at += 3;
        if (ReadBraces(hasName: false, isExemplar: true) is { } fault)
        {
            return fault;
        }

        if (!TryReadFloat(out _))
        {
            return "expected value after exemplar labels";
        }

        return Peek() != ' ' || (TryReadFloat(out var seconds) && double.IsFinite(seconds)) ? null : "invalid exemplar timestamp";
    }

    /// <summary>One blank and a float up to the next blank or line feed.</summary>
    private bool TryReadFloat(out double value)
    {
        value = 0;
        if (Peek() != ' ')
        {
            return false;
        }

        var rest = _body[(_at + 1)..];
        var length = rest.IndexOfAny((byte)' ', (byte)'\n');
        if (!GoFloat.TryParse(length < 0 ? rest : rest[..length], out value))
        {
            return false;
        }

        _at += 1 + (length < 0 ? rest.Length : length);
        return true;
    }

    /// <summary>Truncated; out of range gives the lowest timestamp, which storage refuses as out of bounds (what Go's conversion does on amd64).</summary>
    private static long ToMilliseconds(double seconds)
    {
        var milliseconds = seconds * 1000;
        return milliseconds is >= -9.2233720368547758e18 and < 9.2233720368547758e18 ? (long)milliseconds : long.MinValue;
    }

    /// <summary>The byte at hand; a zero behind the end, which no rule expects.</summary>
    private readonly char Peek() => _at < _body.Length ? (char)_body[_at] : '\0';
}
