using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Moves;
using ScrapeCluster.Cluster.Peers;

namespace ScrapeCluster.Tests.Cluster.Membership;

/// <summary>A node that starts while the store does not answer.</summary>
public sealed class MembershipBlindStartTests : MemberCluster
{
    private readonly string _directory = Directory.CreateTempSubdirectory("membership").FullName;

    [Fact]
    public async Task FileOfTheLastRun_IsScrapedFrom_UntilTheStoreIsBack()
    {
        await RunBeforeAsync();
        Store.IsDown = true;
        var node = Start("b", directory: _directory);
        var restored = node.ExpectMsg<ClusterNews.Restored>();

        Assert.Equal((1, "b"), (restored.AssignmentVersion, Assert.Single(restored.Rows).Owner));
        Assert.Equal(Set("job").Bucket, Assert.Single(restored.TargetSets).Bucket);
        MemberNode.Barrier(node.Actor);
        Assert.Single(node.Picture.Assignments);

        Store.IsDown = false;
        PassSeconds(1);
        node.ExpectMsg<ClusterNews.Joined>();
        Assert.Single(node.Expect<ClusterNews.Viewed>().View.Changed);
    }

    [Fact]
    public async Task WhatAPeerKnowsToBeAnothers_IsNotTaken()
    {
        var other = await RunBeforeAsync();
        await CommitAsync(1, Row("job", "a"), Row("more", "b"));
        PassSeconds(2);
        other.AwaitCondition(() => other.Picture.AssignmentVersion == 2);
        Store.IsDown = true;
        var restored = Start("b", directory: _directory).ExpectMsg<ClusterNews.Restored>();

        Assert.Equal(2, restored.AssignmentVersion);
        Assert.Equal([("job", "a"), ("more", "b")], restored.Rows.OrderBy(row => row.Slot).Select(row => (row.Slot.Bucket.Job, row.Owner)));
    }

    [Fact]
    public void WithoutAFile_NothingIsScraped()
    {
        Store.IsDown = true;
        var node = Start("b", directory: _directory);
        PassSeconds(3);
        Assert.Empty(node.Drain());

        Store.IsDown = false;
        PassSeconds(2);
        node.Expect<ClusterNews.Joined>();
    }

    [Fact]
    public void File_IsReadAsItWasWritten_AndRefusedWhenDamaged()
    {
        var kept = new KeptAssignments("test", "b", 7, 3, [Row("job", "b") with { Epoch = 3, Version = 7, Previous = "a" }], [Set("job")], [new PeerAddress("a", "a:1")]);
        var bytes = AssignmentFileCodec.Write(kept);
        var read = AssignmentFileCodec.Read(bytes)!;

        Assert.Equal((kept.Cluster, kept.Node, kept.Version, kept.Epoch), (read.Cluster, read.Node, read.Version, read.Epoch));
        Assert.Equal(kept.Rows, read.Rows);
        Assert.Equal(kept.Peers, read.Peers);
        Assert.Equal(kept.TargetSets[0].Payload, read.TargetSets[0].Payload);
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 0x40;
            Assert.Null(AssignmentFileCodec.Read(bytes));
            bytes[i] ^= 0x40;
            Assert.Null(AssignmentFileCodec.Read(bytes.AsSpan(0, i)));
        }
    }

    /// <summary>Node b ran beside node a, owned a slot, and was killed.</summary>
    private async Task<MemberNode> RunBeforeAsync()
    {
        var other = StartLeader();
        var node = Start("b", directory: _directory);
        node.Expect<ClusterNews.Joined>();
        await CommitAsync(1, Row("job", "b"));
        PassSeconds(2);
        node.Expect<ClusterNews.Viewed>(news => news.View.AssignmentVersion == 1);
        node.Context.Ownership.Publish(new OwnershipPicture { AppliedAssignments = 1, TargetSets = [Set("job")] }, isUrgent: true);
        var file = new AssignmentFile(_directory);
        node.AwaitCondition(() =>
        {
            // Changes that come while the file is written wait for the next second.
            PassSeconds(1);
            return file.Read("test", "b") is { Version: 1, TargetSets.Count: 1 };
        });
        node.Kill();
        return other;
    }
}
