using System.Globalization;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.SystemTests.Durability;

/// <summary>What is known of a directory that is written by one process after the other, each of which is killed.</summary>
internal sealed class KilledDirectory(string path, Random random)
{
    public const string Anywhere = "Anywhere";

    /// <summary>Stages of the writer, and about how many steps on the disk each has.</summary>
    public static readonly (string Name, int Steps)[] Stages =
    [
        ("Opening", 8), ("Append", 60), ("SegmentCut", 12), ("Checkpoint", 16), ("LogDeletion", 6),
        ("ChunkFile", 16), ("HeadBlock", 30), ("Merge", 30), ("BlockDeletion", 6), (Anywhere, 1),
    ];

    private static readonly string[] _moments = ["Before", "Within", "After"];

    private bool _isOpen;
    private long _acknowledgedEnd;

    public string Path => path;

    /// <summary>All below was acknowledged, but for <see cref="Uncertain"/>.</summary>
    public long Next { get; private set; }

    /// <summary>Each was on its way when its process died.</summary>
    public SortedSet<long> Uncertain { get; } = [];

    /// <summary>At which stage it is to be killed, or anywhere.</summary>
    public (string Name, int Steps) Stage { get; set; } = Stages[^1];

    /// <summary>What killed it, told by itself.</summary>
    public string? Killed { get; private set; }

    public string Job { get; private set; } = "";

    /// <summary>The writer's next job.</summary>
    public string Begin()
    {
        (_isOpen, Killed, _acknowledgedEnd) = (false, null, Next);
        Job = string.Create(
            CultureInfo.InvariantCulture,
            $"{path} {(WalSyncPolicy)random.Next(3)} {Next} {Stage.Name} {random.Next(1, Stage.Steps + 1)} {_moments[random.Next(_moments.Length)]} {string.Join(',', Uncertain)}");
        return Job;
    }

    /// <summary>What the writer says of it; a fault, or null.</summary>
    public string? Hear(char kind, string said)
    {
        switch (kind)
        {
            case 'o' when int.Parse(said, CultureInfo.InvariantCulture) > 1:
                // One may be: a kill can cut a write.
                return $"{said} places of the log cannot be read";
            case 'o':
                _isOpen = true;
                return null;
            case 'a':
                _acknowledgedEnd = long.Parse(said, CultureInfo.InvariantCulture) + 1;
                return null;
            case 'k':
                Killed = said;
                return null;
            default:
                return said;
        }
    }

    /// <summary>Behind the last word of the writer.</summary>
    public void End()
    {
        Next = _acknowledgedEnd;
        if (_isOpen)
        {
            Uncertain.Add(Next++);
        }
    }
}
