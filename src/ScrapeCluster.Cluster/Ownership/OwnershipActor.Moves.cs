using Google.Protobuf;
using ScrapeCluster.Cluster.Moves;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Ownership;

/// <summary>What the two owners of a move say to each other.</summary>
public sealed partial class OwnershipActor
{
    private const int HandOversAtOnce = 8;

    /// <summary>Lines whose targets are not known here yet; what comes beyond it is refused, and comes again.</summary>
    private const long MaxArrivedBytes = 64L << 20;
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AcknowledgeWithin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LinesWithin = TimeSpan.FromSeconds(10);

    private sealed record AcknowledgeEnded(string To);

    private sealed record HandOverEnded(SlotKey Slot, long Version, bool Arrived);

    private void AnswerPeers(IActorRef self)
    {
        Answer(PeerMethods.Prepare, PrepareRequest.Parser);
        Answer(PeerMethods.Acknowledge, AcknowledgeRequest.Parser);
        Answer(PeerMethods.HandOver, HandOverRequest.Parser);
        Answer(PeerMethods.Sent, SentRequest.Parser);
        Answer(PeerMethods.Bequeath, BequeathRequest.Parser);

        void Answer<T>(string method, MessageParser<T> parser)
            where T : IMessage<T>
        {
            _context.Routes.Answer(method, parser, (request, cancellation) => self.Ask<IMessage>(request, AnswerWithin, cancellation));
        }
    }

    /// <summary>Null for who is not known, or known to be down.</summary>
    private PeerAddress? AddressOf(string node)
    {
        return _members.TryGetValue(node, out var member) && member.State != MemberState.Down ? new PeerAddress(node, member.Address) : null;
    }

    /// <summary>Says the acknowledgement that is owed, unless the targets are not here yet.</summary>
    private void Owe(HeldSlot slot)
    {
        if (slot.Owed is { } owed && IsPlanned(slot))
        {
            slot.Owed = null;
            _acknowledgements.Add(owed.To, slot.Key, slot.Count, owed.Version);
        }
    }

    private void SendAcknowledgements()
    {
        foreach (var (to, request) in _acknowledgements.Take())
        {
            if (AddressOf(to) is not { } address)
            {
                // It is said again each second, and by then it may be known.
                _acknowledgements.Ended(to);
                continue;
            }

            var ended = new AcknowledgeEnded(to);
            CallAsync(address, PeerMethods.Acknowledge, [request], AcknowledgeWithin).PipeTo(Self, success: _ => ended, failure: _ => ended);
        }
    }

    private void Acknowledge(AcknowledgeRequest request)
    {
        var now = Now;
        foreach (var acknowledged in request.Slots)
        {
            var key = WireSlots.Read(acknowledged.Slot);
            if (_slots.TryGetValue(key, out var slot))
            {
                Do(slot, slot.Rules.Acknowledged(acknowledged.Version, now));
            }
            else if (acknowledged.Version <= _applied && acknowledged.Slot is { } named)
            {
                // It waits for lines that are not here any more, or never were.
                _departures[key] = new Departure(key, named.Count, request.From, acknowledged.Version, isAnswer: true);
                SayNothingIsOwed(key, named.Count, request.From, acknowledged.Version);
            }
        }

        Sender.Tell(new Empty(), Self);
    }

    private void HandOver(HeldSlot slot, OwnershipEffect.HandOver handOver)
    {
        if (_departures.TryGetValue(slot.Key, out var departure) && departure.Version == handOver.Version)
        {
            departure.IsDue = true;
            return;
        }

        slot.Bequest = null;
        _departures[slot.Key] = new Departure(slot.Key, slot.Count, handOver.To, handOver.Version, isAnswer: false);
        Release(slot, new ReleaseTag(slot.Key, handOver.Version));
    }

    private void Released(ReleaseTag tag, IReadOnlyList<TargetLines> lines)
    {
        if (_departures.TryGetValue(tag.Slot, out var departure) && departure.Version == tag.Version)
        {
            if (departure.Lines is null)
            {
                Owe(tag.Slot, departure.Count, departure.To, tag.Version);
            }

            departure.Lines ??= lines;
            departure.IsDue = true;
        }
    }

    /// <summary>Not at once: the new owner refuses lines of a row that it has not read, and may need some time for that.</summary>
    private void RepeatHandOvers()
    {
        foreach (var departure in _departures.Values.Where(departure => departure.IsRepeated))
        {
            departure.IsRepeated = false;
            departure.IsDue = true;
        }
    }

    private void SendHandOvers()
    {
        foreach (var departure in _departures.Values)
        {
            if (_handOversOnTheirWay >= HandOversAtOnce)
            {
                return;
            }

            if (departure is { IsDue: true, IsOnItsWay: false, Lines: { } lines } && AddressOf(departure.To) is { } address)
            {
                departure.IsDue = false;
                departure.IsOnItsWay = true;
                _handOversOnTheirWay++;
                CallAsync(address, PeerMethods.HandOver, Requests(departure, lines), LinesWithin).PipeTo(
                    Self,
                    success: _ => new HandOverEnded(departure.Key, departure.Version, Arrived: true),
                    failure: _ => new HandOverEnded(departure.Key, departure.Version, Arrived: false));
            }
        }
    }

    private IEnumerable<HandOverRequest> Requests(Departure departure, IReadOnlyList<TargetLines> lines)
    {
        var parcels = LineParcels.Of(lines);
        for (var i = 0; i < parcels.Count; i++)
        {
            yield return new HandOverRequest
            {
                From = _self,
                Slot = WireSlots.Write(departure.Key, departure.Count),
                Version = departure.Version,
                Lines = { parcels[i].Select(WireSlots.Write) },
                IsLast = i == parcels.Count - 1,
            };
        }
    }

    /// <summary>One after another; the first that is not answered ends it.</summary>
    private Task<bool> CallAsync(PeerAddress to, string method, IEnumerable<IMessage> requests, TimeSpan within)
    {
        var peers = _context.Peers;
        return Task.Run(async () =>
        {
            foreach (var request in requests)
            {
                await peers.CallAsync(to, method, request, Empty.Parser, within, CancellationToken.None);
            }

            return true;
        });
    }

    private void HandedOver(HandOverEnded ended)
    {
        _handOversOnTheirWay--;
        _metrics.HandOvers.With(ended.Arrived ? "sent" : "unanswered").Inc();
        if (!_departures.TryGetValue(ended.Slot, out var departure) || departure.Version != ended.Version)
        {
            return;
        }

        departure.IsOnItsWay = false;
        if (ended.Arrived || (departure.IsAnswer && departure.Repeats == 0))
        {
            _departures.Remove(ended.Slot);
        }
        else if (departure.Repeats > 0)
        {
            departure.Repeats--;
            departure.IsRepeated = true;
        }

        if (ended.Arrived && _slots.TryGetValue(ended.Slot, out var slot))
        {
            slot.Rules.LinesArrived(ended.Version);
            ForgetWhatIsOver();
        }
    }

    /// <summary>Answered when the lines are of no use here as well: then nobody waits for them.</summary>
    private void TakeOver(HandOverRequest request)
    {
        var key = WireSlots.Read(request.Slot);
        if (!_slots.TryGetValue(key, out var slot) || slot.Rules.Row is not { } row || row.Owner != _self || row.Version != request.Version)
        {
            Sender.Tell(request.Version <= _applied ? new Empty() : Refused($"row {request.Version} of {key} is not known to {_self} yet"), Self);
            return;
        }

        if (!slot.Rules.AwaitsLines)
        {
            // From the owner before: said twice, and told to the pools already. From its heir: the owner before is dead, and these are all there are.
            if (request.From != row.Previous && !slot.HasLines)
            {
                Arrive(slot, WireSlots.Read(request.Lines));
                slot.HasLines = request.IsLast;
            }

            Sender.Tell(new Empty(), Self);
            return;
        }

        var lines = WireSlots.Read(request.Lines);
        if (!IsPlanned(slot) && ArrivedBytes() + lines.Sum(line => (long)line.Packed.Length) > MaxArrivedBytes)
        {
            Sender.Tell(Refused($"{_self} waits for target sets and holds all the series lines it can"), Self);
            return;
        }

        Arrive(slot, lines);
        slot.HasLines |= lines.Count > 0;
        if (request.IsLast)
        {
            slot.Rules.LinesCame(request.Version);
            FinishTakeOver(slot);
        }

        Sender.Tell(new Empty(), Self);
    }

    private void FinishTakeOver(HeldSlot slot)
    {
        _metrics.HandOvers.With("received").Inc();
        if (slot.HasLines)
        {
            _inheritance.Forget(slot.Key);
        }

        InheritUnlessAwaited(slot);
    }

    private void Arrive(HeldSlot slot, List<TargetLines> lines)
    {
        if (lines.Count > 0)
        {
            slot.Arrived.AddRange(lines);
            _arrivals.Add(slot);
        }
    }

    private long ArrivedBytes() => _arrivals.Sum(slot => slot.Arrived.Sum(line => (long)line.Packed.Length));

    private static Status.Failure Refused(string reason) => new(new NotNowException(reason));
}
