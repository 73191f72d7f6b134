namespace ScrapeCluster.Model;

internal sealed partial class Re2Parser
{
    private bool ParseGroup(List<Re2Node> items)
    {
        var (fold, multi, dot, swap) = (_foldCase, _multiLine, _dotNewline, _swapGreed);
        var number = 0;
        if (!pattern.AsSpan(_at).StartsWith("(?", StringComparison.Ordinal))
        {
            _at++;
            number = NewGroup("");
        }
        else if (!TryTakeName(out number) && (_fault is not null || !TakeFlags(out var opensGroup) || !opensGroup))
        {
            // Flags alone hold until the group around them ends.
            return _fault is null;
        }

        if (++_depth > MaxDepth)
        {
            return Fail("expression nests too deeply", pattern);
        }

        if (ParseAlternation() is not { } inner)
        {
            return false;
        }

        if (IsAtEnd)
        {
            return Fail("missing closing )", pattern);
        }

        _at++;
        _depth--;
        (_foldCase, _multiLine, _dotNewline, _swapGreed) = (fold, multi, dot, swap);
        return Add(items, number > 0 ? new Re2Node.Group(inner, number) : inner);
    }

    private int NewGroup(string name)
    {
        _groupNames.Add(name);
        return _groupNames.Count - 1;
    }

    /// <summary><c>(?P&lt;name&gt;</c> or <c>(?&lt;name&gt;</c>.</summary>
    private bool TryTakeName(out int number)
    {
        number = 0;
        var rest = pattern.AsSpan(_at);
        var start = rest.StartsWith("(?P<", StringComparison.Ordinal) ? 4 : rest.StartsWith("(?<", StringComparison.Ordinal) ? 3 : 0;
        if (start == 0)
        {
            return false;
        }

        if (start == 3 && rest.Length > 3 && rest[3] is '=' or '!')
        {
            Fail("invalid or unsupported Perl syntax", rest[..4].ToString());
            return false;
        }

        var end = rest.IndexOf('>');
        var name = end < 0 ? "" : rest[start..end].ToString();
        if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') || _groupNames.Contains(name))
        {
            Fail("invalid named capture", (end < 0 ? rest : rest[..(end + 1)]).ToString());
            return false;
        }

        _at += end + 1;
        number = NewGroup(name);
        return true;
    }

    /// <summary><c>(?ims-U)</c> or <c>(?ims-U:</c>; false for everything else, which is Perl's and not RE2's.</summary>
    private bool TakeFlags(out bool opensGroup)
    {
        opensGroup = false;
        var start = _at;
        _at += 2;
        var on = true;
        var sawFlag = false;
        while (!IsAtEnd)
        {
            var c = Current;
            _at++;
            switch (c)
            {
                case 'i':
                    (_foldCase, sawFlag) = (on, true);
                    break;
                case 'm':
                    (_multiLine, sawFlag) = (on, true);
                    break;
                case 's':
                    (_dotNewline, sawFlag) = (on, true);
                    break;
                case 'U':
                    (_swapGreed, sawFlag) = (on, true);
                    break;
                case '-' when on:
                    (on, sawFlag) = (false, false);
                    break;
                case ':' or ')' when on || sawFlag:
                    opensGroup = c == ':';
                    return true;
                default:
                    // A pair of surrogates must not be cut in two.
                    _at += char.IsHighSurrogate(c) ? 1 : 0;
                    return Fail("invalid or unsupported Perl syntax", pattern[start.._at]);
            }
        }

        return Fail("missing closing )", pattern);
    }
}
