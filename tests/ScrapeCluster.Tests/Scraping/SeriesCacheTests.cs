using System.Runtime.CompilerServices;
using System.Text;
using ScrapeCluster.Model;
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
        var cache = new SeriesCache((ulong)seed, new SharedTexts());
        var known = new Dictionary<string, ulong>();
        var trackedBefore = new HashSet<string>();
        var page = Enumerable.Range(0, random.Next(1, 300)).Select(i => $"m{i}").ToList();
        for (var round = 0; round < 60; round++)
        {
            Mutate(page, random, round);
            var tracked = new HashSet<string>();
            var seen = new HashSet<string>();
            cache.BeginRound();
            cache.Expect(random.Next(page.Count * 8));
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
        var cache = new SeriesCache(1, new SharedTexts());
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

    /// <summary>Beside its text a series of a page that comes as expected takes 8 bytes and its part of a block; of one that does not, what the look-up needs.</summary>
    [Theory]
    [InlineData(true, 8, 12)]
    [InlineData(false, 24, 36)]
    public void SizeBytes_ManySeries_StaysNearTheText(bool asExpected, int least, int most)
    {
        var cache = new SeriesCache(1, new SharedTexts());
        var lines = Enumerable.Range(0, 10_000)
            .Select(i => Encoding.UTF8.GetBytes($"http_requests_total{{method=\"get\",handler=\"/api/v1/items\",instance_id=\"node-{i:d8}\",code=\"200\"}}")).ToArray();
        for (var round = 0; round < 2; round++)
        {
            Round(cache, lines, findAll: !asExpected);
        }

        Assert.InRange((cache.SizeBytes - lines.Sum(line => line.Length)) / 10_000, least, most);
    }

    /// <summary>Targets with the same lines have one copy of them, also where each has some of its own in between.</summary>
    [Fact]
    public void Texts_ManyTargetsWithTheSameLines_AreThereOnce()
    {
        var texts = new SharedTexts();
        var lines = Enumerable.Range(0, 1000).Select(i => Encoding.UTF8.GetBytes($"http_requests_total{{method=\"get\",handler=\"/api/v1/items\",code=\"{i}\"}}")).ToList();
        var first = new SeriesCache(1, texts);
        Round(first, lines);
        var blocks = texts.Count;
        Assert.InRange(blocks, 10, 100);

        var caches = new List<SeriesCache>();
        for (var target = 0; target < 20; target++)
        {
            var own = lines.ToList();
            own.Insert(500, Encoding.UTF8.GetBytes($"own{{target=\"{target}\"}}"));
            var cache = new SeriesCache(1, texts);
            Round(cache, own);
            Round(cache, own);
            Assert.Equal(own.Select(Encoding.UTF8.GetString), cache.TrackedIds().Select(id => Encoding.UTF8.GetString(cache.TextOf(id))));
            caches.Add(cache);
        }

        Assert.InRange(texts.Count, blocks + 20, blocks + (2 * 20));
        GC.KeepAlive(caches);
        GC.KeepAlive(first);
    }

    [Fact]
    public void SharedTexts_CachesThatAreGone_LeaveNothing()
    {
        var texts = new SharedTexts();
        for (var cache = 0; cache < 5; cache++)
        {
            Fill(cache);
            GC.Collect();
        }

        Assert.InRange(texts.Count, 1, 5_000);

        [MethodImpl(MethodImplOptions.NoInlining)]
        void Fill(int cache)
        {
            for (var i = 0; i < 2_000; i++)
            {
                var block = Encoding.UTF8.GetBytes($"{cache}.{i}");
                Assert.Equal(block, texts.Share(block, XxHash64.Hash(block)));
            }
        }
    }

    [Fact]
    public void Share_OtherBytesWithTheSameHash_AreKeptApart()
    {
        var texts = new SharedTexts();
        var a = texts.Share("a"u8, 1);
        Assert.Equal("b"u8, texts.Share("b"u8, 1));
        Assert.Same(a, texts.Share("a"u8, 1));
    }

    /// <summary>Stamps of rounds come again; a line that was not there for as long is not taken for one of the round before.</summary>
    [Fact]
    public void FailedRounds_ManyOfThem_LeaveOldLinesOld()
    {
        var cache = new SeriesCache(1, new SharedTexts());
        byte[][] lines = ["a"u8.ToArray(), "b"u8.ToArray(), "c"u8.ToArray()];
        Round(cache, lines);
        for (var round = 0; round < 3 * RoundStamp.Period; round++)
        {
            cache.BeginRound();
            var stale = cache.HasStale ? cache.StaleIds().Count() : 0;
            Assert.Equal(round == 0 ? 3 : 0, stale);
            Assert.Empty(cache.TrackedIds());
            Assert.Equal(0, cache.TrackedCount);
            cache.EndRound(successful: false);
        }

        Assert.Equal(3, cache.Count);
        Round(cache, lines);
        Assert.Equal(3, cache.TrackedCount);
        Assert.Equal(3ul, cache[cache.Find("c"u8)].Ref);
    }

    [Fact]
    public void Page_ThatStandsStillAgain_IsPackedAgain()
    {
        var cache = new SeriesCache(1, new SharedTexts());
        var lines = Enumerable.Range(0, 1000).Select(i => Encoding.UTF8.GetBytes($"metric{{i=\"{i}\"}}")).ToList();
        Round(cache, lines);
        var packed = cache.SizeBytes;
        (lines[10], lines[700]) = (lines[700], lines[10]);
        Round(cache, lines);
        Assert.InRange(cache.SizeBytes, packed + 16_000, packed + 40_000);
        for (var round = 0; round < 3; round++)
        {
            Round(cache, lines);
        }

        Assert.InRange(cache.SizeBytes, packed - 500, packed + 500);
        Assert.Equal(lines.Select(Encoding.UTF8.GetString), cache.TrackedIds().Select(id => Encoding.UTF8.GetString(cache.TextOf(id))));
        Assert.Equal("metric{i=\"700\"}", Encoding.UTF8.GetString(cache.TextOf(10)));
        Assert.Equal("metric{i=\"3\"}", Encoding.UTF8.GetString(cache.TextOf(3)));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData((1L << 49) - 1, (1L << 49) - 1)]
    [InlineData(1L << 49, 0)]
    [InlineData(long.MaxValue, 0)]
    public void Ref_LargerThanItsRoom_IsNotKept(long seriesRef, long kept)
    {
        var entry = new SeriesEntry(SeriesFlags.Tracked | SeriesFlags.Deleted, stamp: 255) { Ref = 77 };
        entry.Ref = (ulong)seriesRef;
        Assert.Equal(((ulong)kept, SeriesFlags.Tracked | SeriesFlags.Deleted, (byte)255), (entry.Ref, entry.Flags, entry.Stamp));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(16_383)]
    [InlineData(16_384)]
    [InlineData(100_000)]
    [InlineData(2_097_152)]
    public void TextOf_TextsOfAnyLength_AreKept(int length)
    {
        var cache = new SeriesCache(1, new SharedTexts());
        byte[][] lines = ["first"u8.ToArray(), [.. Enumerable.Range(0, length).Select(i => (byte)('a' + (i % 26)))], "last"u8.ToArray()];
        for (var round = 0; round < 2; round++)
        {
            Round(cache, lines);
            Assert.Equal(lines, cache.TrackedIds().Select(id => cache.TextOf(id).ToArray()));
        }
    }

    /// <summary>What a first page leaves behind is its series: what room was made for it beyond that goes to the next first page.</summary>
    [Fact]
    public void Expect_ManyFirstPages_AllocateLittleBeyondWhatStays()
    {
        const int Lines = 1000;
        var lines = Enumerable.Range(0, Lines).Select(i => Encoding.UTF8.GetBytes($"http_requests_total{{method=\"get\",handler=\"/api/v1/items\",code=\"{i}\"}}")).ToArray();
        var pageBytes = lines.Sum(line => line.Length + 10);
        FirstPage();

        var before = GC.GetAllocatedBytesForCurrentThread();
        var cache = FirstPage();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, cache.SizeBytes, cache.SizeBytes + (cache.SizeBytes / 5));

        SeriesCache FirstPage()
        {
            var made = new SeriesCache(1, new SharedTexts());
            made.BeginRound();
            made.Expect(pageBytes);
            foreach (var line in lines)
            {
                made.Add(line, SeriesFlags.Known);
            }

            made.EndRound(true);
            return made;
        }
    }

    /// <summary>A successful round in which every line is tracked; new ones get the next references.</summary>
    private static void Round(SeriesCache cache, IReadOnlyList<byte[]> lines, bool findAll = false)
    {
        cache.BeginRound();
        cache.Expect(1000);
        foreach (var line in lines)
        {
            if (!findAll && cache.Expected.SequenceEqual(line) && cache.TrySeeExpected(out _, out _))
            {
                continue;
            }

            var id = cache.Find(line);
            if (id < 0)
            {
                id = cache.Add(line, SeriesFlags.Known);
                cache[id].Ref = (ulong)id + 1;
            }
            else
            {
                cache.See(id);
            }

            cache.Track(id);
        }

        cache.EndRound(true);
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
