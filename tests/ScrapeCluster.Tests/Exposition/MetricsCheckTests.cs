using System.Text;
using ScrapeCluster.Exposition;

namespace ScrapeCluster.Tests.Exposition;

public sealed class MetricsCheckTests
{
    [Fact]
    public void Run_GoodPage_CountsItsSeries()
    {
        Assert.Equal((0, "ok: 2 series"), Run("# TYPE a counter\na 1\nb{c=\"d\"} 2\n", ExpositionFormat.Text));
    }

    [Fact]
    public void Run_BadPage_NamesTheFirstFaultWithItsLine()
    {
        var (code, text) = Run("a 1\n\nb{c='d'} 2\ne x\n", ExpositionFormat.Text);

        Assert.Equal(1, code);
        Assert.Equal("line 3, column 5: expected label value, got \"'d'}\" while parsing: \"b{c=\"", text);
    }

    [Fact]
    public void Run_OpenMetricsWithoutEnd_IsRefused()
    {
        var (code, text) = Run("a 1\n", ExpositionFormat.OpenMetrics);

        Assert.Equal(1, code);
        Assert.StartsWith("line 2, column 1: data does not end with # EOF", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_RepeatedLabelName_IsRefused()
    {
        var (code, text) = Run("ok 1\na{b=\"1\",b=\"2\"} 1\n", ExpositionFormat.Text);

        Assert.Equal(1, code);
        Assert.StartsWith("line 2, column 1: label name stands twice", text, StringComparison.Ordinal);
    }

    private static (int Code, string Text) Run(string page, ExpositionFormat format)
    {
        var output = new StringWriter();
        var code = MetricsCheck.Run(new MemoryStream(Encoding.UTF8.GetBytes(page)), format, output);
        return (code, output.ToString().TrimEnd());
    }
}
