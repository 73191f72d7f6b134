using ScrapeCluster.Cluster.Moves;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Cluster.Moves;

public sealed class OwnedSlotTests
{
    private static readonly SlotKey Slot = new(new BucketKey("job", 1), 0);
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddDays(1);

    [Fact]
    public void Move_InOrder_MeetsAtTheInstant()
    {
        var (old, next) = (Owner("old"), new OwnedSlot("new", Slot));
        var row = Row("new", "old", version: 2, at: 3);

        Assert.Empty(old.Read(row, At(1)));
        var started = next.Read(row, At(1));
        Assert.Equal([new OwnershipEffect.Scrape(Slot, 1, new TargetWindow(At(3), DateTimeOffset.MaxValue)), new OwnershipEffect.Acknowledge(Slot, "old", 2)], started);
        Assert.Equal([new OwnershipEffect.Scrape(Slot, 1, new TargetWindow(At(0), At(3)))], old.Acknowledged(2, At(1.1)));
        Assert.Empty(old.Tick(At(2.9)));
        Assert.Equal([new OwnershipEffect.HandOver(Slot, "new", 2)], old.Tick(At(3)));
        Assert.False(old.IsOver);
        old.LinesArrived(2);
        next.LinesCame(2);
        Assert.True(old.IsOver);
        Assert.Empty(next.Tick(At(10)));
    }

    [Fact]
    public void Acknowledgement_BeforeTheRowIsRead_Counts()
    {
        var old = Owner("old");
        Assert.Empty(old.Acknowledged(2, At(1)));

        Assert.Equal([new OwnershipEffect.Scrape(Slot, 1, new TargetWindow(At(0), At(3)))], old.Read(Row("new", "old", 2, at: 3), At(2)));
    }

    [Fact]
    public void Acknowledgement_AfterTheInstant_EndsTheOldOneThen()
    {
        var old = Owner("old");
        old.Read(Row("new", "old", 2, at: 3), At(1));
        Assert.Empty(old.Tick(At(4)));

        Assert.Equal([new OwnershipEffect.Scrape(Slot, 1, new TargetWindow(At(0), At(5)))], old.Acknowledged(2, At(5)));
    }

    [Fact]
    public void Acknowledgement_OfAnotherRow_ChangesNothing()
    {
        var old = Owner("old");
        old.Read(Row("new", "old", 3, at: 3), At(1));

        Assert.Empty(old.Acknowledged(2, At(1)));
        Assert.Equal(DateTimeOffset.MaxValue, old.Window!.Value.Until);
    }

    [Fact]
    public void RowCalledBack_TheOldOwnerGoesOnWithoutABreak()
    {
        var old = Owner("old");
        old.Read(Row("new", "old", 2, at: 3), At(1));
        old.Acknowledged(2, At(1));
        var effects = old.Read(Row("old", "new", 3, at: 2), At(2));

        Assert.Equal(new OwnershipEffect.Scrape(Slot, 1, new TargetWindow(At(0), DateTimeOffset.MaxValue)), effects[0]);
    }

    [Fact]
    public void RowOfOthersInForce_EndsItAtOnce()
    {
        var old = Owner("old");

        Assert.Equal([new OwnershipEffect.Drop(Slot)], old.Read(Row("third", "second", 5, at: 1), At(1)));
        Assert.True(old.IsOver);
    }

    [Fact]
    public void RowOfNobody_EndsItAtOnce()
    {
        var old = Owner("old");

        Assert.Equal([new OwnershipEffect.Drop(Slot)], old.Read(Row("", "old", 2, at: 1), At(1)));
        Assert.True(old.IsOver);
    }

    [Fact]
    public void Half_GoesOnInTheSameWindow()
    {
        var half = Owner("old").Half(new SlotKey(new BucketKey("job", 3), 0));

        var begun = Assert.IsType<OwnershipEffect.Scrape>(Assert.Single(half.Read(Row("old", "", 2, at: 5), At(6))));
        Assert.Equal(new TargetWindow(At(0), DateTimeOffset.MaxValue), begun.Window);
    }

    [Fact]
    public void OlderRowsAndEpochs_AreRefused()
    {
        var old = Owner("old", version: 5, epoch: 3);

        Assert.Empty(old.Read(Row("new", "", 4, at: 1, epoch: 3), At(1)));
        Assert.Empty(old.Read(Row("new", "", 5, at: 1, epoch: 3), At(1)));
        Assert.Empty(old.Read(Row("new", "", 9, at: 1, epoch: 2), At(1)));
        Assert.NotNull(old.Window);
    }

    [Fact]
    public void Unanswered_IsSaidAgainEverySecondUntilTheOtherIsGone()
    {
        var (old, next) = (Owner("old"), new OwnedSlot("new", Slot));
        next.Read(Row("new", "old", 2, at: 3), At(1));
        old.Read(Row("new", "old", 2, at: 3), At(1));
        old.Acknowledged(2, At(1));
        old.Tick(At(3));

        Assert.Empty(next.Tick(At(1.5)));
        Assert.Equal([new OwnershipEffect.Acknowledge(Slot, "old", 2)], next.Tick(At(2)));
        Assert.Equal([new OwnershipEffect.HandOver(Slot, "new", 2)], old.Tick(At(4)));
        next.NodeGone("old");
        old.NodeGone("new");
        Assert.Empty(next.Tick(At(9)));
        Assert.True(old.IsOver);
    }

    /// <summary>A new leader, or a next owner that has to leave itself, may move a slot on before the first instant has come.</summary>
    [Fact]
    public void MovedOnBeforeItsInstant_OldOwnerStillScrapesUntilIt()
    {
        var old = Owner("old");
        old.Read(Row("between", "old", 2, at: 2), At(0));
        old.Acknowledged(2, At(0.1));
        Assert.Empty(old.Read(Row("new", "between", 3, at: 4), At(1)));

        Assert.Equal(At(2), old.Window!.Value.Until);
        Assert.Equal([new OwnershipEffect.HandOver(Slot, "new", 3)], old.Tick(At(2)));
        Assert.Null(old.Window);
    }

    [Fact]
    public void MovedOnBeforeItsInstant_NobodyAcknowledged_OldOwnerScrapesUntilTheLastInstant()
    {
        var old = Owner("old");
        old.Read(Row("between", "old", 2, at: 2), At(0));
        old.Read(Row("new", "between", 3, at: 4), At(1));

        Assert.Equal(At(4), old.Window!.Value.Until);
    }

    /// <summary>
    /// Slots move between nodes at random while rows are read late and acknowledgements are lost, doubled and late: every due time has an owner, and the same
    /// due time has two only where a message was late.
    /// </summary>
    [Fact]
    public void RandomMoves_NothingIsMissed()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var run = new MoveRun(seed, isCalm: seed % 2 == 0);
            run.Play(seconds: 120);

            Assert.True(run.Missed.Count == 0, $"seed {seed}: nobody scraped {string.Join(", ", run.Missed)}");
            Assert.True(run.Moves > 5, $"seed {seed}: {run.Moves} moves");
            if (seed % 2 == 0)
            {
                Assert.True(run.Doubled == 0, $"seed {seed}: {run.Doubled} doubled without a late message");
            }
        }
    }

    private static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    private static Assignment Row(string owner, string previous, long version, double at, long epoch = 1) => new(Slot, 1, owner, previous, At(at), epoch, version, "");

    private static OwnedSlot Owner(string node, long version = 1, long epoch = 1)
    {
        var slot = new OwnedSlot(node, Slot);
        slot.Read(Row(node, "", version, at: 0, epoch), At(0));
        return slot;
    }

    /// <summary>Three nodes, one slot, a due time every 100 ms, messages on their way in a queue.</summary>
    private sealed class MoveRun(int seed, bool isCalm)
    {
        private const int StepMs = 50;
        private readonly Random _random = new(seed);
        private readonly List<string> _names = ["a", "b", "c"];
        private readonly Dictionary<string, OwnedSlot> _nodes = new() { ["a"] = new("a", Slot), ["b"] = new("b", Slot), ["c"] = new("c", Slot) };
        private readonly List<(DateTimeOffset At, Action Deliver)> _onTheirWay = [];
        private DateTimeOffset _now = Start;
        private Assignment _row = Row("a", "", 1, at: 0);

        public List<DateTimeOffset> Missed { get; } = [];

        public int Doubled { get; private set; }

        public int Moves { get; private set; }

        public void Play(int seconds)
        {
            _names.ForEach(name => Do(name, _nodes[name].Read(_row, _now)));
            for (var step = 1; step <= seconds * 1000 / StepMs; step++)
            {
                _now = Start.AddMilliseconds(step * StepMs);
                foreach (var message in _onTheirWay.Where(message => message.At <= _now).ToList())
                {
                    _onTheirWay.Remove(message);
                    message.Deliver();
                }

                _names.ForEach(name => Do(name, _nodes[name].Tick(_now)));
                if (_random.Next(100) == 0 && _now > _row.EffectiveAt.AddSeconds(isCalm ? 1 : 0))
                {
                    Move();
                }

                var owners = _nodes.Values.Count(node => node.Window?.Owns(_now) == true);
                Doubled += Math.Max(0, owners - 1);
                if (owners == 0)
                {
                    Missed.Add(_now);
                }
            }
        }

        private void Move()
        {
            // From the node that scrapes; the leader waits for a move to end before it begins the next of the same slot.
            if (_nodes[_row.Owner].Window is not { } window || window.From > _now || _nodes.Any(node => node.Key != _row.Owner && !node.Value.IsOver))
            {
                return;
            }

            Moves++;
            var to = _names[_random.Next(_names.Count)];
            if (to == _row.Owner)
            {
                return;
            }

            _row = _row with { Owner = to, Previous = _row.Owner, EffectiveAt = _now.AddSeconds(2), Version = _row.Version + 1 };
            var row = _row;
            foreach (var name in _names)
            {
                Send(() => Do(name, _nodes[name].Read(row, _now)), mayBeLost: false);
            }
        }

        private void Do(string from, IReadOnlyList<OwnershipEffect> effects)
        {
            foreach (var effect in effects)
            {
                switch (effect)
                {
                    case OwnershipEffect.Acknowledge say:
                        Send(() => Do(say.To, _nodes[say.To].Acknowledged(say.Version, _now)), mayBeLost: true);
                        break;
                    case OwnershipEffect.HandOver lines:
                        Send(
                            () =>
                            {
                                _nodes[lines.To].LinesCame(lines.Version);
                                Send(() => _nodes[from].LinesArrived(lines.Version), mayBeLost: true);
                            },
                            mayBeLost: true);
                        break;
                }
            }
        }

        private void Send(Action deliver, bool mayBeLost)
        {
            var copies = isCalm || !mayBeLost ? 1 : _random.Next(3);
            for (var copy = 0; copy < copies; copy++)
            {
                _onTheirWay.Add((_now.AddMilliseconds(_random.Next(isCalm ? 500 : 5000)), deliver));
            }
        }
    }
}
