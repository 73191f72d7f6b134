using System.Globalization;
using System.Text;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Model;

public sealed class LabelsBuilderSortTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(200_000)]
    public void HasDuplicateNames_LabelsInReverseOrder_SortsThemInGoodTime(int count)
    {
        var labels = new LabelsBuilder();
        for (var i = count; i > 0; i--)
        {
            labels.Add(Encoding.UTF8.GetBytes(i.ToString("d7", CultureInfo.InvariantCulture)), "x"u8);
        }

        Assert.False(labels.HasDuplicateNames());
        Assert.Equal("0000001", Encoding.UTF8.GetString(labels.NameAt(0)));
        Assert.Equal(count.ToString("d7", CultureInfo.InvariantCulture), Encoding.UTF8.GetString(labels.NameAt(count - 1)));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(500)]
    public void Sort_EqualNames_KeepTheirOrder(int count)
    {
        var labels = new LabelsBuilder();
        for (var i = 0; i < count; i++)
        {
            labels.Add(i % 2 == 0 ? "b"u8 : "a"u8, Encoding.UTF8.GetBytes(i.ToString(CultureInfo.InvariantCulture)));
        }

        Assert.True(labels.HasDuplicateNames());
        Assert.Equal("1", Encoding.UTF8.GetString(labels.ValueAt(0)));
        Assert.Equal("0", Encoding.UTF8.GetString(labels.ValueAt(count / 2)));
        Assert.Equal((count - 2).ToString(CultureInfo.InvariantCulture), Encoding.UTF8.GetString(labels.ValueAt(count - 1)));
    }
}
