namespace ScrapeCluster.Tests.Cli.Storage;

/// <summary>One directory for the tests of a class, whose process has ended; each looks at copies.</summary>
public sealed class ClosedDirectory : IDisposable
{
    public ClosedDirectory()
    {
        Stored = StoredDirectory.Filled();
        Stored.Close();
    }

    internal StoredDirectory Stored { get; }

    public void Dispose() => Stored.Dispose();
}
