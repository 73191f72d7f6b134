using System.Numerics;

namespace ScrapeCluster.Actors;

/// <summary>
/// Many producers, one consumer, unbounded, in order of reservation: a list of segments, each filled once from front to back.
/// A producer reserves a place with one interlocked increment and then writes it; the consumer waits out the few instructions
/// between the two. A used segment is left to the collector, never reused, so no producer can meet it in a new role.
/// </summary>
internal sealed class MessageQueue
{
    private const int SmallestSegment = 8;
    private const int LargestSegment = 512;

    private Segment _tail;
    private Segment _head;
    private int _headIndex;

    public MessageQueue() => _head = _tail = new Segment(0, SmallestSegment);

    /// <summary>
    /// Whether nothing is reserved. A full fence on the consumer's side before this call and the reservation on the producer's
    /// make sure that one of the two sees the other (see <see cref="Mailbox"/>).
    /// </summary>
    public bool IsEmpty
    {
        get
        {
            var head = _head;
            var index = _headIndex;
            return index < head.Slots.Length ? Volatile.Read(ref head.Reserved) <= index : Volatile.Read(ref head.Next) is null;
        }
    }

    /// <summary>Length at about this moment, from any thread.</summary>
    public long ApproximateCount
    {
        get
        {
            var head = Volatile.Read(ref _head);
            var taken = head.Base + Math.Min(_headIndex, head.Slots.Length);
            var tail = Volatile.Read(ref _tail);
            var reserved = tail.Base + Math.Min(Volatile.Read(ref tail.Reserved), tail.Slots.Length);
            return Math.Max(0, reserved - taken);
        }
    }

    public void Enqueue(object message, IActorRef? sender)
    {
        while (true)
        {
            var tail = Volatile.Read(ref _tail);
            var slots = tail.Slots;
            var index = Interlocked.Increment(ref tail.Reserved) - 1;
            if ((uint)index < (uint)slots.Length)
            {
                ref var slot = ref slots[index];
                slot.Sender = sender;
                Volatile.Write(ref slot.Message, message);
                return;
            }

            Extend(tail);
        }
    }

    /// <summary>The consumer's alone.</summary>
    public bool TryDequeue(out Envelope envelope)
    {
        var head = _head;
        var index = _headIndex;
        if (index == head.Slots.Length)
        {
            if (Volatile.Read(ref head.Next) is not { } next)
            {
                envelope = default;
                return false;
            }

            _headIndex = index = 0;
            Volatile.Write(ref _head, head = next);
        }

        if (Volatile.Read(ref head.Reserved) <= index)
        {
            envelope = default;
            return false;
        }

        ref var slot = ref head.Slots[index];
        if (Volatile.Read(ref slot.Message) is null)
        {
            AwaitWrite(ref slot);
        }

        envelope = slot;
        slot = default;
        _headIndex = index + 1;
        return true;
    }

    private void Extend(Segment full)
    {
        if (Volatile.Read(ref full.Next) is not { } next)
        {
            // As large as the backlog asks for: a scrape loop stays at the smallest, a burst soon gets large ones.
            var end = full.Base + full.Slots.Length;
            var backlog = (uint)Math.Clamp(end - (Volatile.Read(ref _head).Base + _headIndex), SmallestSegment, LargestSegment);
            var made = new Segment(end, (int)BitOperations.RoundUpToPowerOf2(backlog));
            next = Interlocked.CompareExchange(ref full.Next, made, null) ?? made;
        }

        Interlocked.CompareExchange(ref _tail, next, full);
    }

    private static void AwaitWrite(ref Envelope slot)
    {
        var spinner = new SpinWait();
        while (Volatile.Read(ref slot.Message) is null)
        {
            spinner.SpinOnce();
        }
    }

    private sealed class Segment(long @base, int length)
    {
        public readonly Envelope[] Slots = new Envelope[length];
        public readonly long Base = @base;

        /// <summary>Places given out; grows past the length when producers race for the last ones.</summary>
        public int Reserved;
        public Segment? Next;
    }
}
