namespace ScrapeCluster.Benchmarks.Cluster;

/// <summary>
/// What the database is asked, counted call by call; bytes are those of the columns and of the protocol's frame, from the row widths that PostgreSQL's wire format has.
/// </summary>
internal sealed class DatabaseBill
{
    private const int Frame = 60;
    private const int MemberRow = 170;
    private const int AssignmentRow = 110;
    private const int VersionRow = 50;

    public long Statements { get; private set; }

    public long Bytes { get; private set; }

    public void Beat() => Add(1, Frame + 170);

    public void Hold() => Add(1, Frame + 110);

    /// <summary>One transaction: begin, head, end, and between them what the head says to be newer than the reader has.</summary>
    /// <param name="members">With the pins; null when the roster is known.</param>
    /// <param name="rows">Null when the assignment version is known.</param>
    /// <param name="versions">Of target sets; null likewise.</param>
    public void Read(int? members, int? rows, int? versions)
    {
        var statements = 3 + (members is null ? 0 : 2) + (rows is null ? 0 : 1) + (versions is null ? 0 : 1);
        Add(statements, (statements * Frame) + ((members ?? 0L) * MemberRow) + ((rows ?? 0L) * AssignmentRow) + ((versions ?? 0L) * VersionRow));
    }

    /// <summary>The targets of the buckets that a node is given, in one statement.</summary>
    public void ReadSets(int sets, long bytes) => Add(1, Frame + (sets * VersionRow) + bytes);

    public void Commit(int members, int rows) => Add(7 + members, (7 * Frame) + (members * Frame) + (rows * AssignmentRow));

    public (long Statements, long Bytes) Since((long Statements, long Bytes) mark) => (Statements - mark.Statements, Bytes - mark.Bytes);

    public (long Statements, long Bytes) Mark() => (Statements, Bytes);

    private void Add(int statements, long bytes)
    {
        Statements += statements;
        Bytes += bytes;
    }
}
