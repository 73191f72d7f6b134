namespace ScrapeCluster.Actors;

/// <summary>
/// Receive timeout. A message only notes the time; the scheduled entry looks, when it falls due, whether the silence was long
/// enough and else comes back for the rest.
/// </summary>
internal sealed partial class ActorCell
{
    private ReceiveTimeoutEntry? _receiveTimeout;

    public TimeSpan? ReceiveTimeout => _receiveTimeout?.Timeout;

    public void SetReceiveTimeout(TimeSpan? timeout)
    {
        _receiveTimeout?.Cancel();
        _receiveTimeout = null;
        if (timeout is { } given)
        {
            _receiveTimeout = new ReceiveTimeoutEntry(this, given);
            _receiveTimeout.NoteReceived();
            System.Queue.Add(_receiveTimeout, given);
        }
    }

    private void NoteReceived(object message)
    {
        if ((message is ActorTimer timer ? timer.Message : message) is not INotInfluenceReceiveTimeout)
        {
            _receiveTimeout?.NoteReceived();
        }
    }

    private sealed class ReceiveTimeoutEntry(ActorCell cell, TimeSpan timeout) : TimerEntry(cell.System.Queue)
    {
        private long _lastReceived;

        public TimeSpan Timeout { get; } = timeout;

        public void NoteReceived() => Volatile.Write(ref _lastReceived, Queue.Now.Ticks);

        internal override TimeSpan? Fire(TimeSpan now)
        {
            var silence = now - TimeSpan.FromTicks(Volatile.Read(ref _lastReceived));
            if (silence < Timeout)
            {
                return Timeout - silence;
            }

            cell.SelfRef.Tell(Actors.ReceiveTimeout.Instance, ActorRefs.NoSender);
            return Timeout;
        }
    }
}
