using System.Reflection;
using ScrapeCluster.SystemTests.RemoteWrite.Cases;

namespace ScrapeCluster.SystemTests.RemoteWrite;

/// <summary>Runs all cases of <see cref="SenderCaseTests"/> and <see cref="SenderV2CaseTests"/> once, on one node, for the tests of the classes to judge.</summary>
[CollectionDefinition(Name)]
public sealed class SenderRun : ICollectionFixture<SenderRun>, IAsyncLifetime
{
    public const string Name = "cases of senders";

    internal CaseNode Node { get; } = new([.. CasesOf(typeof(SenderCaseTests)), .. CasesOf(typeof(SenderV2CaseTests))])
    {
        Environment = new Dictionary<string, string> { ["SCRAPECLUSTER_REMOTE_WRITE_FALL_BACK_TO_V1"] = "on" },
    };

    public async ValueTask InitializeAsync() => await Node.RunAsync();

    public ValueTask DisposeAsync() => Node.DisposeAsync();

    internal CaseRecord Of(SenderCase which) => Node.Of(which);

    /// <summary>The cases that a class holds in fields, under the names of these.</summary>
    internal static IReadOnlyList<SenderCase> CasesOf(Type tests)
    {
        var cases = new List<SenderCase>();
        foreach (var field in tests.GetFields(BindingFlags.Static | BindingFlags.NonPublic).Where(field => field.FieldType == typeof(SenderCase)))
        {
            var one = (SenderCase)field.GetValue(null)!;
            one.Name = field.Name;
            cases.Add(one);
        }

        return cases;
    }
}
