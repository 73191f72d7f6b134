using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ScrapeCluster.Exposition;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Exposition;

/// <summary>
/// Both formats once more, written to be read: one regular expression a kind of line, over the page as Latin-1 (one character a byte).
/// The parsers are compared with it under random input.
/// </summary>
internal sealed class ReferenceParser
{
    private const string MetricName = "(?>[a-zA-Z_:][a-zA-Z0-9_:]*)";
    private const string LabelName = "(?>[a-zA-Z_][a-zA-Z0-9_]*)";

    private readonly string _page;
    private readonly List<string> _lines = [];
    private MetricType _type;
    private string _family = "";
    private int _at;

    private ReferenceParser(ReadOnlySpan<byte> page)
    {
        _page = Encoding.Latin1.GetString(page);
    }

    public static (IReadOnlyList<string> Lines, bool Refused) Parse(ReadOnlySpan<byte> page, ExpositionFormat format)
    {
        var parser = new ReferenceParser(page);
        var accepted = format == ExpositionFormat.Text ? parser.ParseText() : parser.ParseOpenMetrics();
        return (parser._lines, !accepted);
    }

    private bool ParseText()
    {
        while (true)
        {
            if (Match(TextGrammar.End).Success)
            {
                return true;
            }

            if (Take(TextGrammar.BlankLine, out _))
            {
                continue;
            }

            if (Match(TextGrammar.MetadataStart).Success)
            {
                if (!Take(TextGrammar.Metadata, out var metadata) || !AddTextMetadata(metadata))
                {
                    return false;
                }
            }
            else if (Match(TextGrammar.CommentThatEnds).Success)
            {
                return true;
            }
            else if (Take(TextGrammar.Comment, out var comment))
            {
                _lines.Add($"comment {Utf8(Unescape(comment.Groups["text"].Value, quotes: false))}");
            }
            else if (!Take(TextGrammar.Series, out var series) || !AddSeries(series, timestampIsFloat: false))
            {
                return false;
            }
        }
    }

    private bool ParseOpenMetrics()
    {
        while (!Match(OpenMetricsGrammar.End).Success)
        {
            if (Take(OpenMetricsGrammar.Metadata, out var metadata))
            {
                if (!AddOpenMetricsMetadata(metadata))
                {
                    return false;
                }
            }
            else if (!Take(OpenMetricsGrammar.Series, out var series) || !ExemplarIsGood(series) || !AddSeries(series, timestampIsFloat: true))
            {
                return false;
            }
        }

        return true;
    }

    private bool AddTextMetadata(Match metadata)
    {
        var family = Unescape(Unquote(metadata.Groups["name"].Value));
        var text = metadata.Groups["text"].Value;
        if (metadata.Groups["word"].Value == "HELP")
        {
            _lines.Add($"help {Utf8(family)}={Utf8(Unescape(text, quotes: false))}");
            return IsUtf8(text) || Undo();
        }

        return TypeWords.TryText(Encoding.Latin1.GetBytes(text), out _type) && Add($"type {Utf8(family)}={_type}");
    }

    private bool AddOpenMetricsMetadata(Match metadata)
    {
        var family = Unquote(metadata.Groups["name"].Value);
        var text = metadata.Groups["text"].Value;
        switch (metadata.Groups["word"].Value)
        {
            case "HELP":
                return IsUtf8(text) && Add($"help {Utf8(Unescape(family))}={Utf8(Unescape(text))}");
            case "UNIT":
                return (text == "" || family.EndsWith("_" + text, StringComparison.Ordinal)) && Add($"unit {Utf8(Unescape(family))}={Utf8(Unescape(text))}");
            default:
                _family = family;
                return TypeWords.TryOpenMetrics(Encoding.Latin1.GetBytes(text), out _type) && Add($"type {Utf8(Unescape(family))}={_type}");
        }
    }

    private bool ExemplarIsGood(Match series)
    {
        if (!series.Groups["exemplar"].Success)
        {
            return true;
        }

        return IsUtf8(series.Groups["exemplar"].Value)
            && TryFloat(series.Groups["exemplarvalue"].Value, out _)
            && (!series.Groups["exemplartime"].Success || (TryFloat(series.Groups["exemplartime"].Value, out var seconds) && double.IsFinite(seconds)))
            && ExemplarRules.Allows(_type, Encoding.Latin1.GetBytes(_family), Encoding.Latin1.GetBytes(series.Groups["series"].Value));
    }

    private bool AddSeries(Match series, bool timestampIsFloat)
    {
        var names = series.Groups["quotedname"].Captures.Select(c => Unquote(c.Value)).Concat(series.Groups["name"].Captures.Select(c => c.Value)).ToList();
        if (names.Count != 1 || !IsUtf8(series.Groups["series"].Value) || !TryFloat(series.Groups["value"].Value, out var value))
        {
            return false;
        }

        long? timestamp = null;
        if (series.Groups["time"].Success)
        {
            if (!TryTimestamp(series.Groups["time"].Value, timestampIsFloat, out var milliseconds))
            {
                return false;
            }

            timestamp = milliseconds;
        }

        var labels = new LabelsBuilder();
        labels.Add("__name__"u8, Encoding.Latin1.GetBytes(Unescape(names[0])));
        foreach (var (name, text) in series.Groups["labelname"].Captures.Zip(series.Groups["labelvalue"].Captures))
        {
            AddLabel(labels, Unescape(Unquote(name.Value)), Unquote(text.Value));
        }

        return Add(ParsedSample.Of(labels, value, timestamp).ToString());
    }

    private void AddLabel(LabelsBuilder labels, string name, string text)
    {
        var isBound = (_type == MetricType.Histogram && name == "le") || (_type == MetricType.Summary && name == "quantile");
        Span<byte> canonical = stackalloc byte[OpenMetricsFloat.LongestText];
        if (isBound && TryFloat(text, out var bound))
        {
            labels.Add(Encoding.Latin1.GetBytes(name), canonical[..OpenMetricsFloat.Format(bound, canonical)]);
        }
        else
        {
            labels.Add(Encoding.Latin1.GetBytes(name), Encoding.Latin1.GetBytes(Unescape(text)));
        }
    }

    private static bool TryTimestamp(string text, bool isFloat, out long milliseconds)
    {
        if (!isFloat)
        {
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out milliseconds);
        }

        var isGood = TryFloat(text, out var seconds) && double.IsFinite(seconds);
        var scaled = seconds * 1000;
        milliseconds = isGood && Math.Abs(scaled) < 9.2233720368547e18 ? (long)scaled : long.MinValue;
        return isGood;
    }

    private static bool TryFloat(string text, out double value)
    {
        value = text.ToLowerInvariant() switch
        {
            "nan" => SpecialValues.NormalNaN,
            "inf" or "+inf" or "infinity" or "+infinity" => double.PositiveInfinity,
            "-inf" or "-infinity" => double.NegativeInfinity,
            _ => 0,
        };
        if (value != 0)
        {
            return true;
        }

        return Regex.IsMatch(text, @"\A[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\z")
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
            && double.IsFinite(value);
    }

    private bool Add(string line)
    {
        _lines.Add(line);
        return true;
    }

    private bool Undo()
    {
        _lines.RemoveAt(_lines.Count - 1);
        return false;
    }

    private Match Match(Regex regex) => regex.Match(_page, _at);

    private bool Take(Regex regex, out Match match)
    {
        match = Match(regex);
        _at += match.Length;
        return match.Success;
    }

    private static string Unquote(string text) => text.StartsWith('"') ? text[1..^1] : text;

    private static string Unescape(string text, bool quotes = true)
    {
        return Regex.Replace(text, quotes ? """\\(["\\n])""" : @"\\([\\n])", m => m.Groups[1].Value == "n" ? "\n" : m.Groups[1].Value);
    }

    private static string Utf8(string latin1) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(latin1));

    private static bool IsUtf8(string latin1) => System.Text.Unicode.Utf8.IsValid(Encoding.Latin1.GetBytes(latin1));

    private static class TextGrammar
    {
        private const string QuotedName = """(?>"(?:\\[^\n\0]|[^\\"\0])+")""";
        private const string Blank = @"(?>[ \t]*)";
        private const string Pair = $"""(?<labelname>{LabelName}|{QuotedName}){Blank}={Blank}(?<labelvalue>(?>"(?:\\[^\n]|[^\\"])*")){Blank},?{Blank}""";
        private const string Bare = $"(?<quotedname>{QuotedName}){Blank}(?:,{Blank}|(?=}}))";
        private const string Braces = $$"""\{{{Blank}}(?:{{Pair}}|{{Bare}})*\}""";

        public static readonly Regex End = Rule(@"[ \t]*(?:\z|\0)");
        public static readonly Regex BlankLine = Rule(@"[ \t]*\n");
        public static readonly Regex MetadataStart = Rule(@"[ \t]*#[ \t]+(?:HELP|TYPE)[ \t]");
        public static readonly Regex Metadata =
            Rule($"""[ \t]*#[ \t]+(?<word>HELP|TYPE){Blank}(?<name>{MetricName}|(?>"(?:\\[^\n\0]|[^\\"\0])*"))(?:[^\n](?<text>[^\n]*))?(?:\n|\z)""");
        public static readonly Regex CommentThatEnds = Rule(@"[ \t]*#(?![ \t])[^\n]*\0");
        public static readonly Regex Comment = Rule(@"[ \t]*#[ \t]*(?<text>[^\n]*)(?:\n|\z)");
        public static readonly Regex Series = Rule(
            $@"(?<series>(?<name>{MetricName})(?:{Blank}{Braces})?|{Blank}{Braces}){Blank}(?<value>(?>[^ \t\n{{]+)){Blank}(?:(?<time>(?>[0-9]+)){Blank})?(?:\n|\z)");
    }

    private static class OpenMetricsGrammar
    {
        private const string QuotedName = """(?>"(?:\\[^\n\0]|[^\\"\n\0])+")""";
        private const string QuotedValue = """(?>"(?:\\[^\n]|[^\\"\n])*")""";
        private const string Item = $"(?:(?<labelname>{LabelName}|{QuotedName})=(?<labelvalue>{QuotedValue})|(?<quotedname>{QuotedName})(?=[,}}]))";
        private const string ExemplarItem = $"(?:{LabelName}|{QuotedName})={QuotedValue}";
        private const string Exemplar = $$"""\{(?:{{ExemplarItem}}(?:,{{ExemplarItem}})*)?\}""";
        private const string Braces = $$"""\{(?:{{Item}}(?:,{{Item}})*)?\}""";

        public static readonly Regex End = Rule(@"# EOF\n?\z");
        public static readonly Regex Metadata =
            Rule($"""# (?<word>HELP|TYPE|UNIT) (?<name>{MetricName}|(?>"(?:\\[^\n\0]|[^\\"\n\0])*")) (?<text>[^\n]*)\n""");
        public static readonly Regex Series = Rule(
            $@"(?<series>(?<name>{MetricName})(?:{Braces})?|{Braces}) (?<value>[^ \n]+)(?: (?!# \{{)(?<time>[^ \n]+))?"
            + $@"(?: # (?<exemplar>{Exemplar}) (?<exemplarvalue>[^ \n]+)(?: (?<exemplartime>[^ \n]+))?)?\n");
    }

    private static Regex Rule(string pattern) => new(@"\G(?:" + pattern + ")", RegexOptions.CultureInvariant);
}
