using System.Text;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Benchmarks.Cluster;

/// <summary>
/// One node's reads of the store by the rules of the membership actor: when a doorbell rings, when a heartbeat tells a version that it has not, all members from time
/// to time; the leader all members every few seconds. Members are read from the real store; of assignments and sets only the numbers are known.
/// </summary>
internal sealed class SimulatedReader(ICoordinationStore store, DatabaseBill bill, string node)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(3);

    private readonly TimeSpan _wholeRosterEvery = TimeSpan.FromSeconds(240 + (XxHash64.Hash(Encoding.UTF8.GetBytes(node)) % 120));
    private long? _roster;
    private int _rows = -1;
    private int _commits = -1;
    private LeaseView? _lease;
    private TimeSpan _wholeRosterAt = TimeSpan.MinValue / 2;
    private TimeSpan _readAt;

    /// <param name="written">Rows of all commits so far, their number, and how many rows and sets there are.</param>
    public void Heard(LifelineReport report, bool leads, WrittenRows written, TimeSpan now)
    {
        var isKnown = report.RosterVersion == _roster && written.Commits == _commits && report.Lease == _lease;
        if (!isKnown || now - _wholeRosterAt >= _wholeRosterEvery || (leads && now - _readAt >= LookInterval))
        {
            Read(report.Lease, leads, written, now);
        }
    }

    /// <summary>As when a doorbell rings.</summary>
    public void Read(LeaseView lease, bool leads, WrittenRows written, TimeSpan now)
    {
        var isWhole = leads || _roster is null || now - _wholeRosterAt >= _wholeRosterEvery;
        var view = store.ReadAsync(new ReadAfter(long.MaxValue, isWhole ? null : _roster), CancellationToken.None).Result;
        int? members = isWhole || view.RosterVersion != _roster ? view.Members.Count : null;
        int? rows = written.Commits == _commits ? null : _rows < 0 ? written.Present : Math.Min(written.Present, written.Rows - _rows);
        int? versions = written.Commits == _commits ? null : _rows < 0 ? written.Present : 0;
        bill.Read(members, rows, versions);
        (_roster, _rows, _commits, _lease, _readAt) = (view.RosterVersion, written.Rows, written.Commits, lease, now);
        _wholeRosterAt = isWhole ? now : _wholeRosterAt;
    }
}

/// <param name="Rows">Written by all commits so far.</param>
/// <param name="Present">Rows there are, and target sets.</param>
internal readonly record struct WrittenRows(int Commits, int Rows, int Present);
