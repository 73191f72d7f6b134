using System.Net;
using IronSnappy;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Cluster.Rig;

/// <summary>
/// Where all nodes of a cluster send to. It keeps the timestamps of each series, as a receiver does that takes samples in order only: an older one that it does not
/// have is lost there. One that it has already is a repeat, which remote write may do after a failure.
/// </summary>
internal sealed class OrderReceiver : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SortedSet<long>> _series = new(StringComparer.Ordinal);
    private readonly List<(DateTimeOffset At, string Sample)> _late = [];
    private readonly List<string> _faults = [];

    /// <summary>By series, the newest sample that was 1.</summary>
    private readonly Dictionary<string, long> _up = new(StringComparer.Ordinal);
    private readonly List<(DateTimeOffset At, string Sample)> _down = [];
    private readonly LoopbackServer _server;
    private readonly string _address;

    public OrderReceiver(string address)
    {
        _address = address;
        _server = new LoopbackServer(AnswerAsync, address);
    }

    public string Url => $"http://{_address}:{_server.Port}/api/v1/write";

    /// <summary>Waits until so many series have samples of this time or later.</summary>
    public Task ReachesAsync(int series, DateTimeOffset time)
    {
        return Wait.Until(
            $"samples of {series} series at {time:O} or later", TimeSpan.FromMinutes(2), () => Task.FromResult(Reached() >= series), () => $"{Reached()} have them");

        int Reached() => Count(samples => samples.Max >= time.ToUnixTimeMilliseconds());
    }

    /// <summary>Waits until so many series have samples of this time or later that are 1.</summary>
    public Task ReachesUpAsync(int series, DateTimeOffset time)
    {
        return Wait.Until(
            $"samples of {series} series that are 1, at {time:O} or later", TimeSpan.FromMinutes(2), () => Task.FromResult(Reached() >= series), () => $"{Reached()} have them");

        int Reached()
        {
            lock (_lock)
            {
                return _up.Values.Count(at => at >= time.ToUnixTimeMilliseconds());
            }
        }
    }

    /// <summary>Nothing that came since then was older than what had come before it.</summary>
    public void AssertInOrder(DateTimeOffset since)
    {
        lock (_lock)
        {
            Assert.Empty(_faults);
            var late = _late.Where(one => one.At >= since).Select(one => one.Sample).ToList();
            Assert.True(late.Count == 0, $"{late.Count} samples came out of order, the first: {string.Join("; ", late.Take(5))}");
        }
    }

    /// <summary>No sample of a series is missing between others: they lie less than two intervals apart, also where a scrape was a little late.</summary>
    public void AssertNothingMissing(DateTimeOffset from, DateTimeOffset to, TimeSpan interval)
    {
        lock (_lock)
        {
            foreach (var (series, samples) in _series)
            {
                long? before = null;
                foreach (var sample in samples.GetViewBetween(from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds()))
                {
                    Assert.True(
                        before is not { } last || sample - last <= interval.TotalMilliseconds * 1.9,
                        $"{series}: nothing came between {before} and {sample} ({DateTimeOffset.FromUnixTimeMilliseconds(sample):O})");
                    before = sample;
                }
            }
        }
    }

    /// <summary>No <c>up</c> of a scrape that failed, and no end of a series, came since then.</summary>
    public void AssertAllUp(DateTimeOffset since)
    {
        lock (_lock)
        {
            var down = _down.Where(one => one.At >= since).Select(one => one.Sample).ToList();
            Assert.True(down.Count == 0, $"{down.Count} samples are not 1, such as {string.Join("; ", down.Take(5))}");
        }
    }

    public IReadOnlyList<string> Series
    {
        get
        {
            lock (_lock)
            {
                return [.. _series.Keys];
            }
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private int Count(Func<SortedSet<long>, bool> fits)
    {
        lock (_lock)
        {
            return _series.Values.Count(fits);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var body = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(body);
        Keep(body.ToArray());
        context.Response.StatusCode = 204;
    }

    private void Keep(byte[] compressed)
    {
        lock (_lock)
        {
            try
            {
                foreach (var sample in WriteRequestReader.Read(Snappy.Decode(compressed)))
                {
                    Keep(sample);
                }
            }
            catch (Exception e)
            {
                _faults.Add($"a request of {compressed.Length} bytes could not be read: {e.Message}");
            }
        }
    }

    private void Keep(WrittenSample sample)
    {
        if (!_series.TryGetValue(sample.Series, out var samples))
        {
            _series.Add(sample.Series, samples = []);
        }

        if (sample.Bits == BitConverter.DoubleToUInt64Bits(1))
        {
            _up[sample.Series] = Math.Max(_up.GetValueOrDefault(sample.Series), sample.TimestampMs);
        }
        else
        {
            _down.Add((DateTimeOffset.UtcNow, $"{sample.Series} {BitConverter.UInt64BitsToDouble(sample.Bits)} at {sample.TimestampMs}"));
        }

        var newest = samples.Max;
        if (samples.Add(sample.TimestampMs) && sample.TimestampMs < newest)
        {
            _late.Add((DateTimeOffset.UtcNow, $"{sample} after {newest}"));
        }
    }
}
