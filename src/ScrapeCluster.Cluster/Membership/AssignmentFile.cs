namespace ScrapeCluster.Cluster.Membership;

/// <summary>
/// <c>cluster-assignments.bin</c> in the data directory, replaced whole: after a power cut there is the old one or the new one. Blocking; used from the thread pool.
/// </summary>
internal sealed class AssignmentFile(string directory)
{
    public const string Name = "cluster-assignments.bin";

    private string FilePath => Path.Combine(directory, Name);

    /// <summary>Null when there is none, or it is damaged, or it is another node's.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public KeptAssignments? Read(string cluster, string node)
    {
        var kept = File.Exists(FilePath) ? AssignmentFileCodec.Read(File.ReadAllBytes(FilePath)) : null;
        return kept is not null && kept.Cluster == cluster && kept.Node == node ? kept : null;
    }

    /// <exception cref="IOException">It cannot be written, as on a full disk: the old one stays.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void Write(KeptAssignments kept)
    {
        var bytes = AssignmentFileCodec.Write(kept);
        var next = FilePath + ".tmp";
        using (var file = File.OpenHandle(next, FileMode.Create, FileAccess.Write, preallocationSize: bytes.Length))
        {
            RandomAccess.Write(file, bytes, 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(next, FilePath, overwrite: true);
    }

    public void Delete() => File.Delete(FilePath);
}
