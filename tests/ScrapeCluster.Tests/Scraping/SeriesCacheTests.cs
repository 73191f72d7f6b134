using System.Text;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Tests.Scraping;

public class SeriesCacheTests
{
    /// <summary>Random pages against a dictionary and two sets, the clear form of the same thing.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Rounds_RandomPages_MatchTheReference(int seed)
    {
        var random = new Random(seed);
        var cache = new SeriesCache(hashSeed: (ulong)seed);
        var known = new Dictionary<string, ulong>();
        var trackedBefore = new HashSet<string>();
        var page = Enumerable.Range(0, random.Next(1, 300)).Select(i => $"m{i}").ToList();
        for (var round = 0; round < 60; round++)
        {
            Mutate(page, random, round);
            var tracked = new HashSet<string>();
            var seen = new HashSet<string>();
            cache.BeginRound();
            foreach (var line in page)
            {
                var text = Encoding.UTF8.GetBytes(line);
                if (cache.Expected.SequenceEqual(text) && cache.TrySeeExpected(out var seriesRef, out _))
                {
                    Assert.Equal(known[line], seriesRef);
                }
                else
                {
                    See(cache, known, text, line, seen.Contains(line), round);
                }

                seen.Add(line);
                tracked.Add(line);
            }

            var stale = cache.HasStale ? cache.StaleIds().Select(id => Encoding.UTF8.GetString(cache.TextOf(id))).ToHashSet() : [];
            Assert.Equal(trackedBefore.Except(tracked).ToHashSet(), stale);
            Assert.Equal(tracked.Count, cache.TrackedCount);
            var successful = random.Next(4) > 0;
            cache.EndRound(successful);
            if (successful)
            {
                known = known.Where(entry => seen.Contains(entry.Key)).ToDictionary();
            }

            Assert.Equal(known.Count, cache.Count);
            trackedBefore = tracked;
        }
    }

    [Fact]
    public void SamePage_FromTheThirdRoundOn_IsAllExpected()
    {
        var cache = new SeriesCache(1);
        var lines = Enumerable.Range(0, 1000).Select(i => Encoding.UTF8.GetBytes($"metric{{i=\"{i}\"}}")).ToArray();
        for (var round = 0; round < 4; round++)
        {
            cache.BeginRound();
            var misses = 0;
            foreach (var line in lines)
            {
                if (!cache.Expected.SequenceEqual(line) || !cache.TrySeeExpected(out _, out _))
                {
                    misses++;
                    var id = cache.Find(line);
                    id = id < 0 ? cache.Add(line, SeriesFlags.Known) : id;
                    cache.See(id);
                    cache[id].Ref = 1;
                    cache.Track(id);
                }
            }

            cache.EndRound(true);
            Assert.Equal(round == 0 ? 1000 : 0, misses);
        }
    }

    [Fact]
    public void SizeBytes_ManySeries_StaysNearTheText()
    {
        var cache = new SeriesCache(1);
        var textBytes = 0;
        for (var round = 0; round < 2; round++)
        {
            cache.BeginRound();
            for (var i = 0; i < 10_000; i++)
            {
                var line = Encoding.UTF8.GetBytes($"http_requests_total{{method=\"get\",handler=\"/api/v1/items\",instance_id=\"node-{i:d8}\",code=\"200\"}}");
                textBytes += round == 0 ? line.Length : 0;
                var id = cache.Find(line);
                cache.See(id < 0 ? cache.Add(line, SeriesFlags.Known) : id);
            }

            cache.EndRound(true);
        }

        Assert.InRange((cache.SizeBytes - textBytes) / 10_000, 24, 36);
    }

    private static void Mutate(List<string> page, Random random, int round)
    {
        for (var i = random.Next(6); i > 0; i--)
        {
            switch (random.Next(5))
            {
                case 0 when page.Count > 1:
                    page.RemoveAt(random.Next(page.Count));
                    break;
                case 1:
                    page.Insert(random.Next(page.Count + 1), $"new{round}_{i}");
                    break;
                case 2 when page.Count > 1:
                    var from = random.Next(page.Count);
                    var moved = page[from];
                    page.RemoveAt(from);
                    page.Insert(random.Next(page.Count + 1), moved);
                    break;
                case 3 when page.Count > 0:
                    page.Insert(random.Next(page.Count), page[random.Next(page.Count)]);
                    break;
                case 4 when random.Next(5) == 0:
                    page.RemoveRange(0, page.Count / 2);
                    break;
            }
        }
    }

    private static void See(SeriesCache cache, Dictionary<string, ulong> known, byte[] text, string line, bool seenBefore, int round)
    {
        var id = cache.Find(text);
        Assert.Equal(known.ContainsKey(line), id >= 0);
        if (id < 0)
        {
            id = cache.Add(text, SeriesFlags.Known);
            cache[id].Ref = (ulong)((round * 100_000) + known.Count + 1);
            known.Add(line, cache[id].Ref);
        }
        else
        {
            Assert.Equal(seenBefore, cache.See(id));
        }

        Assert.Equal(known[line], cache[id].Ref);
        cache.Track(id);
    }
}
