using ScrapeCluster.RemoteWrite.Queues;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite.Gating;

/// <summary>
/// Carries out pushes: once everything that was asked for is with the shards, they send what they hold as it is, and when all of that was answered so is the push.
/// What comes meanwhile goes its ordinary way, and is not waited for. Used by the follower's thread alone, many times a second while there is a push.
/// </summary>
internal sealed class PushTender(QueueGate gate)
{
    private Hurry? _hurry;

    private sealed record Hurry(WalPosition Read, ShardSet Shards, long[] Batches);

    /// <param name="read">Everything before it was given to the shards.</param>
    public void Tend(ShardSet shards, WalPosition read)
    {
        while (gate.HasPushes)
        {
            if (_hurry is null)
            {
                if (!gate.IsPushDue(read))
                {
                    return;
                }

                _hurry = new Hurry(read, shards, shards.SendNow());
            }

            if (!_hurry.Shards.HaveAnswered(_hurry.Batches))
            {
                return;
            }

            gate.Pushed(_hurry.Read);
            _hurry = null;
        }

        _hurry = null;
    }
}
