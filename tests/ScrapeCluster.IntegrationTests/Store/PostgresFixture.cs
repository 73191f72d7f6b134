using ScrapeCluster.Testing.Postgres;

[assembly: AssemblyFixture(typeof(ScrapeCluster.IntegrationTests.Store.PostgresFixture))]

namespace ScrapeCluster.IntegrationTests.Store;

/// <summary>One server for all tests; each has a cluster of its own in it.</summary>
public sealed class PostgresFixture : IDisposable
{
    private readonly PrivatePostgres? _private;

    /// <summary>A statement of a test that asks for nothing else may take so long: a machine under load stands still for seconds.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(60);

    public PostgresFixture()
    {
        ConnectionString = Environment.GetEnvironmentVariable(PrivatePostgres.Variable);
        if (string.IsNullOrEmpty(ConnectionString))
        {
            _private = PrivatePostgres.TryStart();
            ConnectionString = _private?.ConnectionString;
        }
    }

    /// <summary>Null: no server here.</summary>
    public string? ConnectionString { get; }

    public void Dispose() => _private?.Dispose();
}
