using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Tests.Storage.Wal;

namespace ScrapeCluster.Tests.Storage.Agent;

/// <summary>An agent on a disk that is full or fails at random: what was acknowledged is in the log with its series, what was refused is not, and it goes on by itself.</summary>
public sealed class AgentDiskFaultTests
{
    [Fact]
    public void Append_DiskFull_SaysWhatHelpsAnAgent()
    {
        var disk = new FaultyWalFiles();
        using var agent = new AgentFixture(files: disk);
        agent.Append("before", 1, 1);
        disk.RoomBytes = 0;
        var failed = agent.Append("during", 2, 2);
        Assert.Contains("No space left", failed.Error);
        Assert.Contains("--storage.agent.retention.max-time", failed.Error);
        Assert.Equal(1, agent.Storage.Series.Count);
        disk.RoomBytes = long.MaxValue;
        Assert.Null(agent.Append("during", 3, 3).Error);
        Assert.Equal([("before", 1, 1), ("during", 3, 3)], agent.Log());
    }

    [Fact]
    public void AppendAndTruncate_DiskFailsAtRandom_LogHoldsExactlyWhatWasAcknowledged()
    {
        var random = new Random(9);
        var disk = new FaultyWalFiles();
        using var agent = new AgentFixture(options => options with { Wal = new WalOptions(SegmentSize: WalFormat.PageSize) }, disk);
        var acknowledged = new List<(string Name, long TimestampMs, double Value)>();
        for (var step = 0; step < 400; step++)
        {
            disk.RoomBytes = random.Next(4) == 0 ? random.Next(400) : long.MaxValue;
            disk.FailSetLength = random.Next(4) == 0;
            disk.FailCreate = random.Next(4) == 0;
            agent.Time.Advance(TimeSpan.FromMinutes(2));
            var name = $"s{random.Next(step, step + 20)}";
            if (agent.Append(name, agent.NowMs, step).Error is null)
            {
                acknowledged.Add((name, agent.NowMs, step));
            }

            if (step % 40 == 39)
            {
                TryTruncate(agent);
                acknowledged.RemoveAll(sample => sample.TimestampMs < agent.NowMs - (long)agent.Options.MaxTime.TotalMilliseconds);
            }
        }

        (disk.RoomBytes, disk.FailSetLength, disk.FailCreate) = (long.MaxValue, false, false);
        agent.Reopen();
        Assert.InRange(acknowledged.Count, 20, 200);
        Assert.Equal(acknowledged, agent.Log().Where(sample => sample.TimestampMs >= acknowledged[0].TimestampMs));
        Assert.NotNull(WalFormat.LastCheckpoint(agent.Storage.WalDirectory));
    }

    /// <summary>What the actor does, where a checkpoint that fails is an answer.</summary>
    private static void TryTruncate(AgentFixture agent)
    {
        var writer = agent.Storage.Writer;
        Assert.True(writer.BeginTruncation());
        while (writer.ContinueTruncation())
        {
        }

        if (writer.BeginCheckpoint(CancellationToken.None) is not { } checkpoint)
        {
            return;
        }

        try
        {
            writer.EndCheckpoint(checkpoint.GetAwaiter().GetResult());
        }
        catch (IOException failure)
        {
            writer.FailCheckpoint(failure);
        }
    }
}
