using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Testing;
using ScrapeCluster.Tests.Storage.Files;

namespace ScrapeCluster.Tests.Storage.Agent;

/// <summary>Lives of an agent that end by a kill or a power cut, on what the one before left.</summary>
public sealed class AgentPowerCutTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("agent-power-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(WalSyncPolicy.Segment)]
    [InlineData(WalSyncPolicy.Batch)]
    public void Open_AfterAnyEnd_GoesOnWithReferencesThatWereNeverGiven(WalSyncPolicy policy)
    {
        var random = new Random(11);
        var time = new ManualTimeProvider();
        var owners = new Dictionary<ulong, string>();
        var acknowledged = new List<(string Name, long TimestampMs, double Value)>();
        var directory = Directory.CreateDirectory(Path.Combine(_root, "0")).FullName;
        for (var life = 1; life <= 10; life++)
        {
            var files = new PowerCutFiles(directory);
            using var agent = new AgentFixture(
                options => options with { Wal = new WalOptions(SegmentSize: WalFormat.PageSize, Sync: policy) }, files, directory, time);
            var log = agent.Log();
            if (policy == WalSyncPolicy.Batch)
            {
                Assert.Empty(acknowledged.Except(log));
            }

            for (var step = 0; step < 30; step++)
            {
                time.Advance(TimeSpan.FromMinutes(10));
                var name = $"s{random.Next(40)}";
                var result = agent.Append(name, agent.NowMs, step);
                Assert.Null(result.Error);
                Assert.Empty(result.Refused);
                Assert.Equal(name, owners.TryGetValue(result.NewRefs[0], out var owner) ? owner : owners[result.NewRefs[0]] = name);
                if (policy == WalSyncPolicy.Batch && random.Next(2) == 0)
                {
                    Assert.Null(agent.Storage.Writer.Sync());
                    acknowledged.Add((name, agent.NowMs, step));
                }

                if (step % 12 == 11)
                {
                    agent.Truncate();
                    acknowledged.RemoveAll(sample => sample.TimestampMs < agent.NowMs - (long)agent.Options.MaxTime.TotalMilliseconds);
                }
            }

            var next = Path.Combine(_root, $"{life}");
            files.Cut(next, (Spared)random.Next(3), random);
            directory = next;
        }
    }
}
