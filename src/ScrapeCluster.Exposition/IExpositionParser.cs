using ScrapeCluster.Model;

namespace ScrapeCluster.Exposition;

/// <summary>
/// Walks one exposed page without allocating. Implemented by ref structs, so use it through a generic method
/// (<c>where TParser : struct, IExpositionParser, allows ref struct</c>): the compiler makes one body per format and nothing is boxed.
/// Spans point into the page and live as long as its buffer.
/// <para>The loop of a reader that remembers the last page of the target:</para>
/// <code>
/// while (true)
/// {
///     if (parser.TryMatchSeries(expected))
///     {
///         // warm: Value, HasTimestamp and TimestampMs are set
///     }
///     else if (!parser.MoveNext())
///     {
///         break; // the end, or Fault
///     }
///     else
///     {
///         // cold: switch on Entry
///     }
/// }
/// </code>
/// </summary>
public interface IExpositionParser
{
    /// <summary>
    /// Warm path: when the page goes on with exactly this series (bytes as <see cref="SeriesBytes"/> gave them) and a well-formed value,
    /// makes it the current entry without looking at its labels. Else nothing has changed and <see cref="MoveNext"/> says what is there.
    /// </summary>
    bool TryMatchSeries(ReadOnlySpan<byte> expected);

    /// <summary>Moves to the next entry. False at the end of the page, and at a <see cref="Fault"/>.</summary>
    bool MoveNext();

    ExpositionEntry Entry { get; }

    /// <summary>Why <see cref="MoveNext"/> returned false; null at a proper end.</summary>
    ExpositionFault? Fault { get; }

    /// <summary>Of a series: metric name and braces verbatim.</summary>
    ReadOnlySpan<byte> SeriesBytes { get; }

    double Value { get; }

    bool HasTimestamp { get; }

    long TimestampMs { get; }

    /// <summary>The type of the last TYPE line.</summary>
    MetricType CurrentType { get; }

    /// <summary>Of Type, Help and Unit: the name of the metric family, still escaped when it was quoted (<see cref="ExpositionText"/> unescapes).</summary>
    ReadOnlySpan<byte> FamilyName { get; }

    /// <summary>Of Help, Unit and Comment: the text, still escaped (<see cref="ReadText"/>).</summary>
    ReadOnlySpan<byte> Text { get; }

    /// <summary><see cref="Text"/> unescaped as the format says.</summary>
    string ReadText();

    /// <summary>
    /// Of a series: fills the builder (cleared first) with the metric name and the labels, unescaped, in exposed order, `le` of histograms and
    /// `quantile` of summaries in OpenMetrics' canonical form. A repeated name is the caller's to refuse (<see cref="LabelsBuilder.HasDuplicateNames"/>).
    /// </summary>
    void ReadLabels(LabelsBuilder labels);
}
