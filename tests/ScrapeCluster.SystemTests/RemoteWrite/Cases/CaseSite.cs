using System.Globalization;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.RemoteWrite.Cases;

/// <summary>What a case may lay hands on.</summary>
internal sealed class CaseSite(SenderCase which, CaseNode node)
{
    public SenderCase Case { get; } = which;

    public string Path { get; } = "/" + which.Name;

    /// <summary>Where samples of the case, and maybe of others, are sent.</summary>
    public string SentPath => Case.HasOwnQueue ? Path : CaseNode.SharedPath;

    public ScriptedExporter Exporter => Node.Exporter;

    public RecordingReceiver Receiver { get; } = which.HasOwnReceiver ? new RecordingReceiver() : node.Receiver;

    public CaseNode Node { get; } = node;

    /// <summary>Where the target is asked.</summary>
    public string ServedPath => Case.ServedPath ?? Path;

    public CaseRecord Record => new(this);

    public Task Until(string what, Func<bool> condition) => Wait.Until($"{Case.Name}: {what}", CaseNode.Deadline, condition, () => Node.Output);

    public Task PagesAsync(int count) => Until($"{count} pages", () => Exporter.ServedOn(ServedPath).Count >= count);

    public Task MorePagesAsync(int count) => PagesAsync(Exporter.ServedOn(ServedPath).Count + count);

    /// <summary>Of the case's queue; 0 when there is none.</summary>
    public async Task<double> QueueMetricAsync(string name)
    {
        foreach (var line in (await Node.Process.TextAsync("/metrics")).Split('\n'))
        {
            if (line.StartsWith(name + "{", StringComparison.Ordinal) && line.Contains($"remote_name=\"{Case.Name}\"", StringComparison.Ordinal))
            {
                return double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
            }
        }

        return 0;
    }

    public Task UntilRetriedAsync() => Wait.Until($"{Case.Name}: samples to be tried again", CaseNode.Deadline,
        async () => await QueueMetricAsync("prometheus_remote_storage_samples_retried_total") > 0, () => Node.Output);
}
