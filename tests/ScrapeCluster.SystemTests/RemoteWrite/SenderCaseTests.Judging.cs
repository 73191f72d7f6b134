using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.SystemTests.RemoteWrite.Cases;

namespace ScrapeCluster.SystemTests.RemoteWrite;

/// <summary>What several cases are judged by.</summary>
public sealed partial class SenderCaseTests
{
    /// <summary>Of each of many series every page arrived, once.</summary>
    private static void AssertEveryPageOf(CaseRecord record, string name, int count)
    {
        var byPage = record.ValuesOf(name).GroupBy(sample => (int)sample.Value).ToList();
        Assert.All(byPage, page =>
        {
            Assert.Equal(count, page.Count());
            Assert.Equal(count, page.Select(sample => sample.Labels["i"]).Distinct().Count());
            Assert.Single(page.Select(sample => sample.TimestampMs).Distinct());
        });
        record.AssertNoneMissing(byPage.Select(page => page.Key));
    }

    /// <summary>Every scrape has every series of the page, with its multiple of the page's number, which is told from one of them.</summary>
    private static void AssertWholePages(CaseRecord record, string numberName, int numberFactor, Dictionary<string, int> factors)
    {
        var scrapes = record.Exposed.Where(sample => !sample.IsStale).GroupBy(sample => sample.TimestampMs).ToList();
        var numbers = new List<int>();
        foreach (var scrape in scrapes)
        {
            var number = (int)scrape.Single(sample => sample.Name == numberName).Value / numberFactor;
            var expected = factors.Select(factor => $"{factor.Key} {factor.Value * number}").Order(StringComparer.Ordinal);
            Assert.Equal(expected, scrape.Select(sample => $"{sample.Name} {sample.Labels.GetValueOrDefault("le", sample.Labels.GetValueOrDefault("quantile", ""))} {sample.Value}").Order(StringComparer.Ordinal));
            numbers.Add(number);
        }

        record.AssertNoneMissing(numbers);
    }

    /// <summary>Label names by byte, none twice, no value empty.</summary>
    private static void AssertSortedAndWhole(CaseRecord record)
    {
        Assert.NotEmpty(record.Samples);
        Assert.All(record.Samples, sample =>
        {
            Assert.Equal(sample.LabelNames.Distinct().Order(StringComparer.Ordinal), sample.LabelNames);
            Assert.DoesNotContain("", sample.Labels.Values);
        });
    }

    private static bool IsRefusedAndWentOn(CaseRecord record) => record.Served.Count > SenderCase.DefaultPages && record.Writes.Count(request => request.IsTaken) > 1;

    /// <summary>The first request was refused and never tried again; everything behind it was taken.</summary>
    private static void AssertRefusedForGood(CaseRecord record)
    {
        var refused = record.Writes.First();
        Assert.False(refused.IsTaken);
        Assert.NotEmpty(refused.Samples);
        Assert.Empty(refused.Samples.Select(sample => sample.ToString()).Intersect(record.Samples.Select(sample => sample.ToString())));
        Assert.All(record.Writes.Skip(1), request => Assert.True(request.IsTaken));
        AssertAllButRefused(record, refused);
    }

    private static void AssertAllButRefused(CaseRecord record, ReceivedWrite refused)
    {
        record.AssertNoRepeats();
        var taken = record.ValuesOf("now").Concat(refused.Samples.Where(sample => sample.Name == "now" && !sample.IsStale));
        record.AssertNoneMissing(taken.Select(sample => (int)sample.Value));
    }
}
