namespace ScrapeCluster.Node.Receiving;

/// <summary>
/// Storage references of series that were received lately, so that their labels need not be read again. What was not received for some time is forgotten; a
/// reference that the storage has forgotten meanwhile is answered as unknown by it, never as another series'. Any thread.
/// </summary>
internal sealed class KnownSeries(TimeProvider time)
{
    /// <summary>Known so long at least after its last sample, and at most twice as long.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10);

    private const int StripeCount = 16;

    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, StripeCount).Select(_ => new Stripe())];
    private readonly Lock _forgetting = new();
    private long _forgot = time.GetTimestamp();

    /// <summary>Series that can be found, some of them perhaps twice.</summary>
    public int Count => _stripes.Sum(stripe => stripe.Count);

    public bool TryFind(SeriesKey key, out ulong seriesRef) => StripeOf(key).TryFind(key, out seriesRef);

    public void Learn(SeriesKey key, ulong seriesRef) => StripeOf(key).Learn(key, seriesRef);

    /// <summary>To be called now and then: drops what was not received since the last time but one.</summary>
    public void Forget()
    {
        lock (_forgetting)
        {
            if (time.GetElapsedTime(_forgot) < KeptFor)
            {
                return;
            }

            _forgot = time.GetTimestamp();
        }

        foreach (var stripe in _stripes)
        {
            stripe.Forget();
        }
    }

    private Stripe StripeOf(SeriesKey key) => _stripes[key.High % StripeCount];

    private sealed class Stripe
    {
        private readonly Lock _guard = new();
        private Dictionary<SeriesKey, ulong> _used = [];
        private Dictionary<SeriesKey, ulong> _before = [];

        public int Count
        {
            get
            {
                lock (_guard)
                {
                    return _used.Count + _before.Count;
                }
            }
        }

        public bool TryFind(SeriesKey key, out ulong seriesRef)
        {
            lock (_guard)
            {
                if (_used.TryGetValue(key, out seriesRef))
                {
                    return true;
                }

                if (!_before.Remove(key, out seriesRef))
                {
                    return false;
                }

                _used[key] = seriesRef;
                return true;
            }
        }

        public void Learn(SeriesKey key, ulong seriesRef)
        {
            lock (_guard)
            {
                _used[key] = seriesRef;
            }
        }

        public void Forget()
        {
            lock (_guard)
            {
                _before = _used;
                _used = [];
            }
        }
    }
}
