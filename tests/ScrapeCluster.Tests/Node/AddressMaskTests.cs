using System.Text;
using ScrapeCluster.Node.Api;

namespace ScrapeCluster.Tests.Node;

public sealed class AddressMaskTests
{
    [Theory]
    [InlineData("us:pw@host:80", "us:xxxxx@host:80")]
    [InlineData("http://us:p:w@host", "http://us:xxxxx@host")]
    [InlineData("us:p@w@host", "us:xxxxx@host")]
    [InlineData("us@host:80", null)]
    [InlineData("host:80", null)]
    [InlineData("[::1]:80", null)]
    [InlineData("", null)]
    public void TryMask_HidesThePasswordAndNothingElse(string address, string? expected)
    {
        var isMasked = AddressMask.TryMask(Encoding.UTF8.GetBytes(address), out var masked);

        Assert.Equal(expected, isMasked ? Encoding.UTF8.GetString(masked) : null);
    }
}
