using System.Globalization;
using ScrapeCluster.Cluster;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Cluster.Peers;

public sealed class PeerGateTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(50);
    private static readonly ClusterSecret Secret = new("a secret of some length");

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Check_ProvedCall_IsAdmittedOnce()
    {
        var gate = Gate();
        var head = Head();

        Assert.Null(gate.Check(head, Proof(head)));
        var again = gate.Check(head, Proof(head));

        Assert.Equal((409, "replay"), (again!.Value.Status, again.Value.Reason));
    }

    [Fact]
    public void Check_AnyFieldChangedUnderWay_IsRefusedWithoutAWord()
    {
        var head = Head();
        PeerHead[] changed =
        [
            head with { Method = "prepare" }, head with { Cluster = "d" }, head with { From = "x" }, head with { To = "x" }, head with { Nonce = "n2" },
            head with { SentAtMs = "" }, head with { BodyHash = "" },
            // The same characters, another division among fields.
            head with { From = "a\nb", To = "" }, head with { Nonce = "" },
        ];

        Assert.All(changed, other => Assert.Equal(new PeerRefusal(401, "secret", ""), Gate().Check(other, Proof(head))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("ä")]
    public void Check_OddProof_IsRefused(string proof)
    {
        Assert.Equal(401, Gate().Check(Head(), proof)!.Value.Status);
    }

    [Theory]
    [InlineData(-119, true)]
    [InlineData(119, true)]
    [InlineData(-121, false)]
    [InlineData(121, false)]
    public void Check_AgeByClusterTime_WithinTolerance(int seconds, bool isAdmitted)
    {
        var head = Head() with { SentAtMs = Now.AddSeconds(seconds).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture) };

        Assert.Equal(isAdmitted, Gate().Check(head, Proof(head)) is null);
    }

    [Fact]
    public void Check_TimeThatIsNoDate_IsRefused()
    {
        var head = Head() with { SentAtMs = long.MinValue.ToString(CultureInfo.InvariantCulture) };

        Assert.Equal("time", Gate().Check(head, Proof(head))!.Value.Reason);
    }

    [Fact]
    public void Check_OneSideWithoutClusterTime_IsAdmitted()
    {
        var unknowing = new PeerGate(new PeerTerms { Cluster = "c", Node = "b", Secret = Secret }, _time);
        var old = Head() with { SentAtMs = "1" };
        var silent = Head() with { SentAtMs = "" };

        Assert.Null(unknowing.Check(old, Proof(old)));
        Assert.Null(Gate().Check(silent, Proof(silent)));
    }

    [Fact]
    public void Nonces_AreKnownForAsLongAsTheyAreKept_AndForgottenThen()
    {
        var memory = new NonceMemory(TimeSpan.FromMinutes(4), 1000, _time);
        Assert.True(memory.TryAdd("a"));

        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.False(memory.TryAdd("a"));

        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.True(memory.TryAdd("a"));
    }

    [Fact]
    public void Nonces_AreBounded()
    {
        var memory = new NonceMemory(TimeSpan.FromMinutes(4), 100, _time);
        for (var i = 0; i < 50; i++)
        {
            memory.TryAdd($"{i}");
        }

        Assert.False(memory.TryAdd("0"));
        for (var i = 100; i < 200; i++)
        {
            memory.TryAdd($"{i}");
        }

        Assert.True(memory.TryAdd("0"));
    }

    [Theory]
    [InlineData("0123456789abcdef", true)]
    [InlineData("  0123456789abcdef\n", true)]
    [InlineData("0123456789abcde\n", false)]
    [InlineData("", false)]
    public void Secret_ShortOnes_AreNone(string text, bool isOne)
    {
        Assert.Equal(isOne, ClusterSecret.FaultOf(text) is null);
    }

    private static PeerHead Head() => new("ring", "c", "a", "b", "n1", Now.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), "00");

    private static string Proof(PeerHead head) => new PeerProof(Secret).Of(head);

    private PeerGate Gate() => new(new PeerTerms { Cluster = "c", Node = "b", Secret = Secret, ClusterNow = () => Now }, _time);
}
