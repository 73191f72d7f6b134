namespace ScrapeCluster.RemoteWrite.Encoding;

/// <summary>Which samples of a request are of one series, found without allocating. Used again for every request of a shard.</summary>
internal sealed class SampleGroups
{
    private const int None = -1;

    private int[] _next = [];
    private bool[] _isFollower = [];

    /// <summary>Index of the last sample of a series so far, + 1; by a hash of the place.</summary>
    private int[] _slots = [];

    /// <summary>True: the sample is sent with an earlier one.</summary>
    public bool IsFollower(int index) => _isFollower[index];

    /// <summary>The next sample of the same series, -1 when there is none.</summary>
    public int NextOf(int index) => _next[index];

    public void Find(ReadOnlySpan<PendingSample> samples)
    {
        if (_next.Length < samples.Length)
        {
            _next = new int[samples.Length];
            _isFollower = new bool[samples.Length];
            _slots = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)samples.Length * 2)];
        }

        _next.AsSpan(0, samples.Length).Fill(None);
        _isFollower.AsSpan(0, samples.Length).Clear();
        if (IsOneMoment(samples))
        {
            return;
        }

        _slots.AsSpan().Clear();
        for (var i = 0; i < samples.Length; i++)
        {
            ref var slot = ref SlotOf(samples, samples[i].Labels);
            if (slot > 0)
            {
                _next[slot - 1] = i;
                _isFollower[i] = true;
            }

            slot = i + 1;
        }
    }

    /// <summary>Then no series has two.</summary>
    private static bool IsOneMoment(ReadOnlySpan<PendingSample> samples)
    {
        foreach (ref readonly var sample in samples)
        {
            if (sample.TimestampMs != samples[0].TimestampMs)
            {
                return false;
            }
        }

        return true;
    }

    private ref int SlotOf(ReadOnlySpan<PendingSample> samples, StoredLabels labels)
    {
        for (var slot = unchecked(labels.Place * 0x9E3779B1) >> 8; ; slot++)
        {
            ref var found = ref _slots[slot & (uint)(_slots.Length - 1)];
            if (found == 0 || (samples[found - 1].Labels.Place == labels.Place && ReferenceEquals(samples[found - 1].Labels.Store, labels.Store)))
            {
                return ref found;
            }
        }
    }
}
