using ScrapeCluster.Cli.Storage;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Cli.Storage;

public sealed class DumpWriterTests
{
    /// <summary>What <c>fmt.Printf("%g")</c> of Go prints.</summary>
    [Theory]
    [InlineData(0, "0")]
    [InlineData(-0.0, "-0")]
    [InlineData(1, "1")]
    [InlineData(-12.5, "-12.5")]
    [InlineData(999999, "999999")]
    [InlineData(1000000, "1e+06")]
    [InlineData(1795321588.314, "1.795321588314e+09")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(1e21, "1e+21")]
    [InlineData(1.7976931348623157e308, "1.7976931348623157e+308")]
    [InlineData(5e-324, "5e-324")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    public void Value_IsWrittenAsGoDoes(double value, string text)
    {
        using var output = new StringWriter();
        var writer = new DumpWriter(output, asBits: false);
        writer.Write(Labels.Of(("a", "b")), [7], [value]);
        writer.Flush();

        Assert.Equal($"{{a=\"b\"}} {text} 7\n", output.ToString());
    }
}
