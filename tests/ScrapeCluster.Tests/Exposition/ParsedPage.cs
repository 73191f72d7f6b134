using System.Text;
using ScrapeCluster.Exposition;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Exposition;

/// <summary>All entries of a page as text, one a line of <see cref="Lines"/>, for comparison; values and timestamps by their bits.</summary>
public sealed record ParsedPage(IReadOnlyList<string> Lines, IReadOnlyList<ParsedSample> Samples, ExpositionFault? Fault)
{
    public bool Refused => Fault is not null || Samples.Any(s => s.HasDuplicates);

    public static ParsedPage Of(string body, ExpositionFormat format = ExpositionFormat.Text) => Of(Encoding.UTF8.GetBytes(body), format);

    public static ParsedPage Of(ReadOnlySpan<byte> body, ExpositionFormat format)
    {
        return format == ExpositionFormat.Text ? Walk(new TextParser(body)) : Walk(new OpenMetricsParser(body));
    }

    private static ParsedPage Walk<TParser>(TParser parser)
        where TParser : struct, IExpositionParser, allows ref struct
    {
        var lines = new List<string>();
        var samples = new List<ParsedSample>();
        var labels = new LabelsBuilder();
        while (parser.MoveNext())
        {
            if (parser.Entry == ExpositionEntry.Series)
            {
                parser.ReadLabels(labels);
                samples.Add(ParsedSample.Of(labels, parser.Value, parser.HasTimestamp ? parser.TimestampMs : null));
                lines.Add(samples[^1].ToString());
            }
            else
            {
                lines.Add(Describe(parser));
            }
        }

        return new ParsedPage(lines, samples, parser.Fault);
    }

    private static string Describe<TParser>(TParser parser)
        where TParser : struct, IExpositionParser, allows ref struct
    {
        return parser.Entry switch
        {
            ExpositionEntry.Type => $"type {ExpositionText.Unescape(parser.FamilyName)}={parser.CurrentType}",
            ExpositionEntry.Help => $"help {ExpositionText.Unescape(parser.FamilyName)}={parser.ReadText()}",
            ExpositionEntry.Unit => $"unit {ExpositionText.Unescape(parser.FamilyName)}={parser.ReadText()}",
            _ => $"comment {parser.ReadText()}",
        };
    }
}

public sealed record ParsedSample(Labels Labels, double Value, long? TimestampMs, bool HasDuplicates)
{
    public static ParsedSample Of(LabelsBuilder labels, double value, long? timestampMs)
    {
        var hasDuplicates = labels.HasDuplicateNames();
        return new ParsedSample(labels.ToLabels(), value, timestampMs, hasDuplicates);
    }

    public override string ToString()
    {
        return $"{Labels} {BitConverter.DoubleToUInt64Bits(Value):x16} {TimestampMs}{(HasDuplicates ? " duplicates" : "")}";
    }
}
