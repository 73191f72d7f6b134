using ScrapeCluster.Node.Clustering;
using ScrapeCluster.Tests.Configuration.Prometheus;

namespace ScrapeCluster.Tests.Node;

public sealed class DataIdTests
{
    [Fact]
    public void Open_Twice_IsTheSame_AndOfAnotherDirectoryAnother()
    {
        using var folder = new TempDirectory();
        Directory.CreateDirectory(folder.PathOf("a"));
        Directory.CreateDirectory(folder.PathOf("b"));

        Assert.True(DataId.TryOpen(folder.PathOf("a"), out var first, out _));
        Assert.True(DataId.TryOpen(folder.PathOf("a"), out var again, out _));
        Assert.True(DataId.TryOpen(folder.PathOf("b"), out var other, out _));
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.Equal([DataId.FileName], Directory.GetFiles(folder.PathOf("a")).Select(Path.GetFileName));
    }

    [Fact]
    public void Open_AfterACutInTheMiddle_BeginsAnew()
    {
        using var folder = new TempDirectory();
        folder.Write(DataId.FileName + ".tmp", "12");

        Assert.True(DataId.TryOpen(folder.PathOf("."), out _, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("zz112233445566778899aabbccddeeff")]
    public void Open_WhatIsNoName_IsAFaultThatNamesTheFile(string text)
    {
        using var folder = new TempDirectory();
        var file = folder.Write(DataId.FileName, text);

        Assert.False(DataId.TryOpen(folder.PathOf("."), out _, out var fault));
        Assert.Contains(Path.GetFileName(file), fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoSuchDirectory_IsAFault()
    {
        Assert.False(DataId.TryOpen("/nowhere/at/all", out _, out var fault));
        Assert.Contains("/nowhere/at/all", fault, StringComparison.Ordinal);
    }
}
