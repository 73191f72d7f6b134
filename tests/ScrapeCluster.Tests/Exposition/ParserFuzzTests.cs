using System.Text;
using ScrapeCluster.Exposition;

namespace ScrapeCluster.Tests.Exposition;

/// <summary>Mutated pages, the parsers beside the reference and the warm path beside the cold one. A failing page is printed as base64 with its seed.</summary>
public sealed class ParserFuzzTests
{
    private const int Rounds = 12_000;

    [Theory]
    [InlineData(ExpositionFormat.Text, 1)]
    [InlineData(ExpositionFormat.Text, 2)]
    [InlineData(ExpositionFormat.OpenMetrics, 1)]
    [InlineData(ExpositionFormat.OpenMetrics, 2)]
    public void Parse_MutatedPages_AgreesWithTheReference(ExpositionFormat format, int seed)
    {
        var mutator = new PageMutator(seed);
        var accepted = 0;
        for (var i = 0; i < Rounds; i++)
        {
            var page = mutator.Next(format);
            var actual = ParsedPage.Of(page, format);
            var (lines, refused) = ReferenceParser.Parse(page, format);

            if (refused != (actual.Fault is not null) || !lines.SequenceEqual(actual.Lines))
            {
                Assert.Fail($"page {Convert.ToBase64String(page)} = {Encoding.UTF8.GetString(page)}\nfault {actual.Fault}\n"
                    + $"reference, refused {refused}:\n{string.Join('\n', lines)}\nparser:\n{string.Join('\n', actual.Lines)}");
            }

            accepted += refused ? 0 : 1;
        }

        Assert.InRange(accepted, Rounds / 5, Rounds * 4 / 5);
    }

    [Theory]
    [InlineData(ExpositionFormat.Text)]
    [InlineData(ExpositionFormat.OpenMetrics)]
    public void Parse_WithTheLinesOfAnotherPageExpected_GivesTheSameSeries(ExpositionFormat format)
    {
        var mutator = new PageMutator(3);
        for (var i = 0; i < Rounds; i++)
        {
            var before = mutator.Next(format);
            var page = mutator.Mutate(before);
            var expected = WarmReader.Remember(before, format);
            var cold = WarmReader.Read(page, format, []);
            var warm = WarmReader.Read(page, format, expected);

            if (!cold.SequenceEqual(warm))
            {
                Assert.Fail($"before {Convert.ToBase64String(before)}\npage {Convert.ToBase64String(page)} = {Encoding.UTF8.GetString(page)}\n"
                    + $"cold:\n{string.Join('\n', cold)}\nwarm:\n{string.Join('\n', warm)}");
            }
        }
    }
}
