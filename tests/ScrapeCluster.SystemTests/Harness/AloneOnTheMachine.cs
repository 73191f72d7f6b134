namespace ScrapeCluster.SystemTests.Harness;

/// <summary>Tests that measure what happens within a second: nothing of this project runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
[Trait("Runs", "alone")]
public sealed class AloneOnTheMachine
{
    public const string Name = "alone on the machine";
}
