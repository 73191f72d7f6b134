using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Storage.Appending;

/// <summary>The table of what the head takes and refuses.</summary>
public sealed class AppendRulesTests : IDisposable
{
    private const long Hour = 3_600_000;
    private readonly StorageFixture _storage = new();

    public void Dispose() => _storage.Dispose();

    [Fact]
    public void Append_EmptyHead_TakesAnyTime()
    {
        Assert.Empty(_storage.Append("a", -5 * Hour, 1).Refused);
        Assert.Equal([-5 * Hour], Samples("a").TimestampsMs);
    }

    [Fact]
    public void Append_NewerThanTheLast_IsStored()
    {
        _storage.Append("a", 1000, 1);
        Assert.Empty(_storage.Append("a", 1001, 2).Refused);
        Assert.Equal([1000, 1001], Samples("a").TimestampsMs);
    }

    [Fact]
    public void Append_SameTimeSameBits_IsAcceptedAndStoredOnce()
    {
        _storage.Append("a", 1000, SpecialValues.NormalNaN);
        Assert.Empty(_storage.Append("a", 1000, SpecialValues.NormalNaN).Refused);
        _storage.Reopen();
        Assert.Equal([1000], Samples("a").TimestampsMs);
    }

    [Fact]
    public void Append_SameTimeOtherBits_IsADuplicate()
    {
        _storage.Append("a", 1000, 0.0);
        Assert.Equal([new RefusedSample(0, RefusalReason.DuplicateTimestamp)], _storage.Append("a", 1000, -0.0).Refused);
        Assert.Equal([0.0], Samples("a").Values);
    }

    [Fact]
    public void Append_OlderThanTheLast_IsOutOfOrder()
    {
        _storage.Append("a", 1000, 1);
        Assert.Equal([new RefusedSample(0, RefusalReason.OutOfOrder)], _storage.Append("a", 999, 1).Refused);
    }

    [Fact]
    public void Append_AnHourBehindTheHead_IsOutOfBounds()
    {
        _storage.Append("a", 2 * Hour, 1);
        Assert.Empty(_storage.Append("b", Hour, 1).Refused);
        var refused = _storage.Append("c", Hour - 1, 1);
        Assert.Equal([new RefusedSample(0, RefusalReason.OutOfBounds)], refused.Refused);
        Assert.Equal([0ul], refused.NewRefs);
    }

    [Fact]
    public void Append_SameSeriesTwiceInABatch_ChecksTheSecondAgainstTheFirst()
    {
        var known = _storage.Append("a", 1, 1).NewRefs[0];
        var result = _storage.Append(batch =>
        {
            batch.TimestampMs = 10;
            batch.Add(known, 1);
            batch.Add(known, 1);
            batch.Add(known, 2);
            batch.Add(known, 3, 9);
            batch.Add(known, 4, 11);
            batch.AddNew(StorageFixture.Series("new"), 1);
            batch.AddNew(StorageFixture.Series("new"), 2);
        });
        Assert.Equal(
            [
                new RefusedSample(2, RefusalReason.DuplicateTimestamp),
                new RefusedSample(3, RefusalReason.OutOfOrder),
                new RefusedSample(6, RefusalReason.DuplicateTimestamp),
            ],
            result.Refused);
        Assert.Equal(result.NewRefs[0], result.NewRefs[1]);
        Assert.Equal([1, 10, 11], Samples("a").TimestampsMs);
        Assert.Equal([1.0], Samples("new").Values);
    }

    [Fact]
    public void Append_MarkersAndReports_AreDroppedWithoutAWord()
    {
        var known = _storage.Append("a", 1000, 1).NewRefs[0];
        var result = _storage.Append(batch =>
        {
            batch.TimestampMs = 999;
            batch.AddNew(StorageFixture.Series("b"), 1);
            batch.ReportedCount = 1;
            batch.Add(known, SpecialValues.StaleNaN);
        });
        Assert.Empty(result.Refused);
        Assert.Equal([1000], Samples("a").TimestampsMs);
        Assert.Equal([999], Samples("b").TimestampsMs);
    }

    [Fact]
    public void Append_RefusedNewSeries_IsTakenOffTheReport()
    {
        _storage.Append("a", 2 * Hour, 1);
        _storage.Append(batch =>
        {
            batch.TimestampMs = 2 * Hour;
            batch.AddNew(StorageFixture.Series("late"), 1, 0);
            batch.AddNew(StorageFixture.Series("good"), 1);
            batch.ReportedCount = 2;
            batch.SeriesAddedIndex = 2;
            batch.AddNew(StorageFixture.Series("scrape_series_added"), 2);
        });
        Assert.Equal([1.0], Samples("scrape_series_added").Values);
    }

    [Fact]
    public void Append_UnknownReference_IsGivenBackWithItsValue()
    {
        var result = _storage.Append(batch =>
        {
            batch.TimestampMs = 7;
            batch.Add(4711, 1.5);
            batch.AddNew(StorageFixture.Series("a"), 2);
        });
        Assert.Equal([new UnknownSample(0, 1.5, 7)], result.Unknown);
        Assert.Equal([2.0], Samples("a").Values);
    }

    [Fact]
    public void Append_KnownSeriesSentWithLabels_KeepsItsReference()
    {
        var first = _storage.Append("a", 1, 1).NewRefs[0];
        Assert.Equal(first, _storage.Append("a", 2, 1).NewRefs[0]);
        _storage.Reopen();
        Assert.Equal(first, _storage.Append("a", 3, 1).NewRefs[0]);
        Assert.Equal(first + 1, _storage.Append("b", 3, 1).NewRefs[0]);
    }

    [Fact]
    public void Append_EmptyLabelSet_FailsTheBatch()
    {
        Assert.Contains("0 labels", _storage.Append(batch => batch.AddNew(Labels.Empty, 1)).Error);
    }

    private ScrapeCluster.Storage.Queries.SeriesSamples Samples(string name) => Assert.Single(_storage.Select(name));
}
