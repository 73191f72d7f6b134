using ScrapeCluster.Model;

namespace ScrapeCluster.Storage.Appending;

/// <summary>
/// Answers that wait until the log is on the disk. The first one has its actor send itself the order to flush, which comes behind all batches that
/// are in the mailbox already: so one flush acknowledges all of them.
/// </summary>
internal sealed class HeldAnswers
{
    private readonly List<(IActorRef Asker, AppendResult Result)> _held = [];

    public bool IsEmpty => _held.Count == 0;

    public void Hold(IActorRef asker, AppendResult result) => _held.Add((asker, result));

    /// <param name="fault">Null: what they say is true. Else what is said instead.</param>
    public void Release(string? fault)
    {
        foreach (var (asker, result) in _held)
        {
            asker.Tell(fault is null ? result : AppendResult.Failed(result.Round, fault));
        }

        _held.Clear();
    }
}
