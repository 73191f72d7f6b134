namespace ScrapeCluster.Storage.Opening;

/// <summary>How far the replay of the log is: first, last and present segment, for <c>/api/v1/status/walreplay</c>. Safe to read while it runs.</summary>
public sealed class ReplayProgress
{
    private int _min;
    private int _max;
    private int _current;

    public int Min => Volatile.Read(ref _min);

    public int Max => Volatile.Read(ref _max);

    public int Current => Volatile.Read(ref _current);

    internal void Start(IReadOnlyList<int> segments)
    {
        if (segments.Count > 0)
        {
            Volatile.Write(ref _min, segments[0]);
            Volatile.Write(ref _current, segments[0]);
            Volatile.Write(ref _max, segments[^1]);
        }
    }

    internal void MoveTo(int segment) => Volatile.Write(ref _current, segment);
}
