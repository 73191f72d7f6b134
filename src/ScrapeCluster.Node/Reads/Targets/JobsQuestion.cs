using Google.Protobuf;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Node.Reads;

/// <summary>What the manager knows of the jobs: dropped and invalid targets, and why a job fails. It runs on the leader, so the leader is asked.</summary>
internal sealed class JobsQuestion() : Question<JobsAsked, IReadOnlyList<JobSnapshot>>("jobs", JobsAsked.Parser)
{
    public override ValueTask<IReadOnlyList<JobSnapshot>> AnswerAsync(NodeContext node, JobsAsked asked, CancellationToken cancellation)
    {
        var isForOne = asked.Job.Length > 0;
        return ValueTask.FromResult<IReadOnlyList<JobSnapshot>>([.. node.Board.Jobs.Select(job => asked.WithDropped && (!isForOne || job.Job == asked.Job) ? job : job with { DroppedTargets = [] })]);
    }

    public override IReadOnlyList<JobSnapshot> Read(ByteString body) => [.. JobsPart.Parser.ParseFrom(body).Jobs.Select(Read)];

    protected override IMessage Write(IReadOnlyList<JobSnapshot> part) => new JobsPart { Jobs = { part.Select(Write) } };

    private static JobMessage Write(JobSnapshot job) => new()
    {
        Job = job.Job,
        ActiveCount = job.ActiveCount,
        Dropped = { job.DroppedTargets.Select(LabelsWire.Write) },
        DroppedCount = job.DroppedCount,
        Invalid =
        {
            job.InvalidTargets.Select(target => new InvalidTargetMessage { DiscoveredLabels = LabelsWire.Write(target.DiscoveredLabels), Reason = target.Reason }),
        },
        Failure = job.Failure ?? "",
    };

    /// <summary>Target groups stay where they are: they are the manager's input, not an answer.</summary>
    private static JobSnapshot Read(JobMessage job) => new(
        job.Job,
        [],
        job.ActiveCount,
        [.. job.Dropped.Select(LabelsWire.Read)],
        job.DroppedCount,
        [.. job.Invalid.Select(target => new InvalidTarget(LabelsWire.Read(target.DiscoveredLabels), target.Reason))],
        job.Failure.Length > 0 ? job.Failure : null);
}
