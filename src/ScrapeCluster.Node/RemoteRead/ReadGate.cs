using ScrapeCluster.Model.Metrics;

namespace ScrapeCluster.Node.RemoteRead;

/// <summary>As many remote reads at the same time as are allowed; others wait their turn.</summary>
internal sealed class ReadGate(int concurrency, MetricsRegistry metrics)
{
    internal const string QueriesName = "prometheus_remote_read_handler_queries";

    private readonly SemaphoreSlim? _turns = concurrency > 0 ? new SemaphoreSlim(concurrency) : null;
    private readonly Gauge _queries = metrics.Gauge(
        QueriesName, "The current number of remote read queries being executed or waiting.");

    public async Task<IDisposable> EnterAsync(CancellationToken cancellation)
    {
        _queries.Add(1);
        try
        {
            if (_turns is not null)
            {
                await _turns.WaitAsync(cancellation);
            }

            return new Turn(this);
        }
        catch
        {
            _queries.Add(-1);
            throw;
        }
    }

    private void Leave()
    {
        _turns?.Release();
        _queries.Add(-1);
    }

    private sealed class Turn(ReadGate gate) : IDisposable
    {
        public void Dispose() => gate.Leave();
    }
}
