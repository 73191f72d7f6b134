using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Tests.Scraping;

/// <summary>Targets in the same process, in place of HTTP: a page by URL, fetches counted, and a gate to let them hang.</summary>
internal sealed class ScriptedExporter : ITargetFetcherFactory
{
    private readonly ConcurrentDictionary<string, int> _fetches = new();
    private volatile TaskCompletionSource? _gate;

    public volatile Func<string, string> Page = static _ => "a 1\n";

    /// <summary>Jobs that cannot be built, with the reason.</summary>
    public ConcurrentDictionary<string, string> Faults { get; } = new();

    public ConcurrentBag<string> Prepared { get; } = [];

    public int Built;

    public int Fetches => _fetches.Values.Sum();

    public int FetchesOf(string url) => _fetches.GetValueOrDefault(url);

    public void Hang() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release()
    {
        var gate = _gate;
        _gate = null;
        gate?.SetResult();
    }

    public bool TryCreate(ScrapeConfig config, [NotNullWhen(true)] out ITargetFetchers? fetchers, [NotNullWhen(false)] out string? fault)
    {
        Interlocked.Increment(ref Built);
        fetchers = Faults.TryGetValue(config.JobName, out fault) ? null : new Fetchers(this);
        return fetchers is not null;
    }

    private sealed class Fetchers(ScriptedExporter exporter) : ITargetFetchers
    {
        public ITargetFetcher For(ScrapeTarget target) => new Fetcher(exporter, target.Url);

        public Task PrepareAsync(IReadOnlyList<ScrapeTarget> targets, CancellationToken shutdown)
        {
            foreach (var target in targets)
            {
                exporter.Prepared.Add(target.Url);
            }

            return Task.CompletedTask;
        }

        public void ForgetPrepared()
        {
        }

        public void Dispose()
        {
        }
    }

    private sealed class Fetcher(ScriptedExporter exporter, string url) : ITargetFetcher
    {
        public async Task<FetchResult> FetchAsync(int expectedBytes, CancellationToken shutdown)
        {
            exporter._fetches.AddOrUpdate(url, 1, static (_, count) => count + 1);
            if (exporter._gate is { } gate)
            {
                await gate.Task;
            }

            var body = Encoding.UTF8.GetBytes(exporter.Page(url));
            return body is [.., (byte)'!', (byte)'\n']
                ? FetchResult.Failed(Encoding.UTF8.GetString(body).Trim())
                : new FetchResult(body.Length == 0 ? null : body, body.Length, "text/plain", null);
        }
    }
}

/// <summary>The storage as an actor, over a <see cref="HeadDouble"/> that tests may look into under its lock.</summary>
internal sealed class StorageDouble(HeadDouble head) : UntypedActor
{
    protected override void OnReceive(object message)
    {
        if (message is not SampleBatch batch)
        {
            Unhandled(message);
            return;
        }

        AppendResult answer;
        lock (head)
        {
            answer = head.Append(batch);
        }

        Sender.Tell(answer, Self);
    }
}
