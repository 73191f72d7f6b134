using System.Text;
using ScrapeCluster.Cluster;
using ScrapeCluster.Cluster.Config;

namespace ScrapeCluster.Tests.Cluster;

public sealed class ConfigSealTests
{
    private static readonly byte[] Plain = Encoding.UTF8.GetBytes("scrape_configs: []");
    private static readonly ConfigSeal Seal = new(new ClusterSecret("a secret of some length"), "one");

    [Fact]
    public void Open_WhatWasSealed_IsThere_AndNeverLooksTheSame()
    {
        var payload = Seal.Seal(Plain);

        Assert.True(Seal.TryOpen(payload, out var plain, out _));
        Assert.Equal(Plain, plain);
        Assert.NotEqual(payload, Seal.Seal(Plain));
    }

    [Fact]
    public void Open_AnyByteChanged_IsRefused()
    {
        var payload = Seal.Seal(Plain);
        for (var i = 0; i < payload.Length; i++)
        {
            var damaged = (byte[])payload.Clone();
            damaged[i] ^= 1;

            Assert.False(Seal.TryOpen(damaged, out _, out var fault));
            Assert.NotEmpty(fault);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(36)]
    [InlineData(37)]
    public void Open_CutOff_IsDamaged(int length)
    {
        Assert.False(Seal.TryOpen(Seal.Seal(Plain)[..length], out _, out var fault));
        Assert.Contains("damaged in the database", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_AnotherSecret_NamesTheSetting()
    {
        var other = new ConfigSeal(new ClusterSecret("another secret of some length"), "one");

        Assert.False(other.TryOpen(Seal.Seal(Plain), out _, out var fault));
        Assert.Contains("scrapecluster.cluster.secret of this node differs", fault, StringComparison.Ordinal);
        Assert.NotEqual(Seal.HashOf(Plain), other.HashOf(Plain));
    }

    [Fact]
    public void Open_OfAnotherCluster_IsRefused()
    {
        var other = new ConfigSeal(new ClusterSecret("a secret of some length"), "two");

        Assert.False(other.TryOpen(Seal.Seal(Plain), out _, out var fault));
        Assert.Contains("a cluster of another name", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Bundle_EqualTexts_HaveEqualBytes_AndComeBack()
    {
        ConfigBundle Bundle() => new([1, 2], [new ConfigPattern("a/*.yml", [new ConfigText("b.yml", [3]), new ConfigText("c.yml", [])]), new ConfigPattern("none", [])]);

        Assert.Equal(Bundle().ToBytes(), Bundle().ToBytes());
        Assert.True(ConfigBundle.TryRead(Bundle().ToBytes(), out var read, out _));
        Assert.Equal(Bundle().ToBytes(), read.ToBytes());
        Assert.Equal("c.yml", read.Patterns[0].Files[1].Name);
    }

    [Fact]
    public void Bundle_OtherBytes_AreAFault()
    {
        Assert.False(ConfigBundle.TryRead([0xff, 1, 2], out _, out var fault));
        Assert.Contains("no configuration", fault, StringComparison.Ordinal);
    }
}
