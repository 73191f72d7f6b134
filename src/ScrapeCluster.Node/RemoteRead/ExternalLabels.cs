using ScrapeCluster.Model;

namespace ScrapeCluster.Node.RemoteRead;

/// <summary>
/// Labels that series get when they leave the cluster. Readers ask for series with them, and stored series do not have them: a matcher that wants exactly the
/// value of one wants, in the storage, series without it (Prometheus, storage/remote/read_handler.go).
/// </summary>
internal sealed class ExternalLabels(Labels external)
{
    private readonly LabelsBuilder _builder = new();

    public LabelMatcher ToStored(LabelMatcher matcher)
    {
        return matcher.Op == MatchOp.Equal && external.TryGet(matcher.NameBytes.Span, out var value) && matcher.Matches(value)
            ? LabelMatcher.Equal(matcher.Name, "")
            : matcher;
    }

    /// <summary>Labels that a series has of its own stay.</summary>
    public Labels AddTo(Labels labels)
    {
        if (external.IsEmpty)
        {
            return labels;
        }

        _builder.Reset(external);
        foreach (var label in labels)
        {
            _builder.Set(label.Name, label.Value);
        }

        return _builder.ToLabels();
    }
}
