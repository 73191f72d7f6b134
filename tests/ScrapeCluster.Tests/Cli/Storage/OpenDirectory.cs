namespace ScrapeCluster.Tests.Cli.Storage;

/// <summary>One directory for the tests of a class, with its process still there.</summary>
public sealed class OpenDirectory : IDisposable
{
    internal StoredDirectory Stored { get; } = StoredDirectory.Filled();

    public void Dispose() => Stored.Dispose();
}
