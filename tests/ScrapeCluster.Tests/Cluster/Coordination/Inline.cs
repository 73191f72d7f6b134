namespace ScrapeCluster.Tests.Cluster.Coordination;

/// <summary>Runs what is queued at once, so that nothing happens beside the actor.</summary>
internal sealed class Inline : TaskScheduler
{
    protected override IEnumerable<Task> GetScheduledTasks() => [];

    protected override void QueueTask(Task task) => TryExecuteTask(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => TryExecuteTask(task);
}
