using ScrapeCluster.Cluster.Coordination;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Ownership;

/// <summary>Are targets scraped several times? The leader's setting counts, and its rows tell it, as this node's own setting may be another.</summary>
internal sealed class Replicas
{
    private readonly HashSet<SlotKey> _wanted = [];
    private bool _wereSeveral;

    public bool AreSeveral => _wanted.Count > 0;

    /// <summary>A slot that is wanted counts also while no node has it: the others keep their label.</summary>
    public void Read(Assignment row)
    {
        if (row.Slot.Slot > 0 && !(row.Owner.Length == 0 && RowReasons.IsUnwanted(row.Reason)))
        {
            _wanted.Add(row.Slot);
        }
        else
        {
            _wanted.Remove(row.Slot);
        }
    }

    public void Forget(IEnumerable<SlotKey> gone) => _wanted.ExceptWith(gone);

    public void Forget() => _wanted.Clear();

    /// <summary>Since it was asked last.</summary>
    public bool HaveTurned()
    {
        var turned = AreSeveral != _wereSeveral;
        _wereSeveral = AreSeveral;
        return turned;
    }
}
