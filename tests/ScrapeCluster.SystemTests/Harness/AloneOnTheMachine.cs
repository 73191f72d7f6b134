namespace ScrapeCluster.SystemTests.Harness;

/// <summary>Tests that measure what happens within a second: nothing of this project runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneOnTheMachine
{
    public const string Name = "alone on the machine";
}
