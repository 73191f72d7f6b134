namespace ScrapeCluster.Node.Reads;

/// <summary>Every question that nodes ask each other, and every order that they pass on.</summary>
internal static class Questions
{
    public static readonly SeriesQuestion Series = new();
    public static readonly LabelNamesQuestion LabelNames = new();
    public static readonly LabelValuesQuestion LabelValues = new();
    public static readonly NewestQuestion Newest = new();
    public static readonly TargetsQuestion Targets = new();
    public static readonly TargetMetadataQuestion TargetMetadata = new();
    public static readonly MetadataQuestion Metadata = new();
    public static readonly JobsQuestion Jobs = new();
    public static readonly StatusQuestion Status = new();
    public static readonly ActorsQuestion Actors = new();
    public static readonly SlotLoadsQuestion SlotLoads = new();
    public static readonly PlanQuestion Plan = new();
    public static readonly RebalanceQuestion Rebalance = new();
    public static readonly ReleaseQuestion Release = new();
    public static readonly TargetSetsQuestion TargetSets = new();
    public static readonly LeaveQuestion Leave = new();
    public static readonly RemoteWriteQuestion RemoteWrite = new();

    public static readonly IReadOnlyDictionary<string, IQuestion> ByKind = new IQuestion[]
    {
        Series, LabelNames, LabelValues, Newest, Targets, TargetMetadata, Metadata, Jobs, Status, Actors, SlotLoads, Plan, Rebalance, Release, TargetSets, Leave, RemoteWrite,
    }.ToDictionary(question => question.Kind, StringComparer.Ordinal);
}
