using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Storage.Agent;

/// <summary>The table of what an agent takes and refuses (Prometheus tsdb/agent/db.go).</summary>
public sealed class AgentAppendTests : IDisposable
{
    private readonly AgentFixture _agent = new();

    public void Dispose() => _agent.Dispose();

    [Fact]
    public void Append_FirstSample_AnyTimeIsTaken()
    {
        Assert.Empty(_agent.Append("old", -5, 1).Refused);
        Assert.Empty(_agent.Append("new", long.MaxValue / 2, 1).Refused);
        Assert.Empty(_agent.Append("older than the newest by far", 7, 1).Refused);
        Assert.Equal(3, _agent.Log().Count);
    }

    [Theory]
    [InlineData(999, false)]
    [InlineData(1000, false)]
    [InlineData(1001, true)]
    public void Append_AgainstTheLastCommitted_MustBeNewer(long timestampMs, bool isTaken)
    {
        _agent.Append("a", 1000, 1);
        RefusedSample[] refused = isTaken ? [] : [new RefusedSample(0, RefusalReason.OutOfOrder)];
        Assert.Equal(refused, _agent.Append("a", timestampMs, 1).Refused);
        Assert.Equal(isTaken ? 2 : 1, _agent.Log().Count);
    }

    [Fact]
    public void Append_SeveralOfOneSeriesInABatch_AreComparedWithWhatWasBeforeIt()
    {
        var known = _agent.Append("a", 1, 1).NewRefs[0];
        var result = _agent.Append(batch =>
        {
            batch.TimestampMs = 10;
            batch.Add(known, 1);
            batch.Add(known, 2);
            batch.Add(known, 3, 9);
            batch.Add(known, 4, 1);
        });
        Assert.Equal([new RefusedSample(3, RefusalReason.OutOfOrder)], result.Refused);
        Assert.Equal(4, _agent.Log().Count);
        Assert.Equal([new RefusedSample(0, RefusalReason.OutOfOrder)], _agent.Append("a", 10, 5).Refused);
    }

    [Fact]
    public void Append_MarkersAndReports_AreDroppedWithoutAWord()
    {
        var known = _agent.Append("a", 1000, 1).NewRefs[0];
        var result = _agent.Append(batch =>
        {
            batch.TimestampMs = 999;
            batch.AddNew(StorageFixture.Series("b"), 1);
            batch.ReportedCount = 1;
            batch.Add(known, SpecialValues.StaleNaN);
        });
        Assert.Empty(result.Refused);
        Assert.Equal([("a", 1000, 1.0), ("b", 999, 1.0)], _agent.Log());
    }

    [Fact]
    public void Append_UnknownReference_IsGivenBackWithItsValue()
    {
        var result = _agent.Append(batch =>
        {
            batch.TimestampMs = 7;
            batch.Add(4711, 1.5);
        });
        Assert.Equal([new UnknownSample(0, 1.5, 7)], result.Unknown);
    }

    [Fact]
    public void Append_SameLabelsAgain_KeepTheirReference()
    {
        var first = _agent.Append("a", 1, 1).NewRefs[0];
        Assert.Equal(first, _agent.Append("a", 2, 1).NewRefs[0]);
        _agent.Reopen();
        Assert.Equal(first, _agent.Append("a", 3, 1).NewRefs[0]);
        Assert.Equal(first + 1, _agent.Append("b", 3, 1).NewRefs[0]);
    }

    [Fact]
    public void Append_EmptyLabelSet_FailsTheBatch() => Assert.Contains("0 labels", _agent.Append(batch => batch.AddNew(Labels.Empty, 1)).Error);

    [Fact]
    public void Reopen_RemembersTheLastTimeOfEachSeries()
    {
        _agent.Append("a", 1000, 1);
        _agent.Append("b", 2000, 1);
        _agent.Reopen();
        Assert.NotEmpty(_agent.Append("a", 1000, 1).Refused);
        Assert.Empty(_agent.Append("a", 1001, 1).Refused);
        Assert.NotEmpty(_agent.Append("b", 1999, 1).Refused);
    }

    [Fact]
    public void Query_HasNothing()
    {
        _agent.Append("a", 1000, 1);
        Assert.Empty(_agent.Storage.Query.Select(StorageFixture.Matchers("a")));
    }
}
