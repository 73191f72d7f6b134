using ScrapeCluster.Storage.Blocks.Format;

namespace ScrapeCluster.Tests.Storage.Blocks.Format;

public sealed class UlidTests
{
    [Theory]
    [InlineData("01M80R41QY0VVMJ5P05AANGAYD", 1_795_321_628_414)]
    [InlineData("01ARZ3NDEKTSV4RRFFQ69G5FAV", 1_469_922_850_259)]
    [InlineData("00000000000000000000000000", 0)]
    [InlineData("7ZZZZZZZZZZZZZZZZZZZZZZZZZ", (1L << 48) - 1)]
    public void TryParse_NameOfABlock_IsWrittenTheSameAndHasItsTime(string text, long timeMs)
    {
        Assert.True(Ulid.TryParse(text, out var id));
        Assert.Equal(text, id.ToString());
        Assert.Equal(timeMs, id.TimeMs);
        Assert.True(Ulid.TryParse(text.ToLowerInvariant(), out var lower));
        Assert.Equal(id, lower);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("01M80R41QY0VVMJ5P05AANGAY")]
    [InlineData("01M80R41QY0VVMJ5P05AANGAYDD")]
    [InlineData("01M80R41QY0VVMJ5P05AANGAYU")]
    [InlineData("81M80R41QY0VVMJ5P05AANGAYD")]
    [InlineData("chunks_head")]
    public void TryParse_AnythingElse_IsRefused(string? text) => Assert.False(Ulid.TryParse(text, out _));

    [Fact]
    public void New_SortsByTime()
    {
        var random = new Random(1);
        var ids = Enumerable.Range(0, 100).Select(i => Ulid.New(1_700_000_000_000 + i, random)).ToList();

        Assert.Equal(ids, ids.Order());
        Assert.Equal(ids.Select(id => id.ToString()), ids.Select(id => id.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal(1_700_000_000_042, ids[42].TimeMs);
        Assert.Equal(100, ids.Distinct().Count());
    }
}
