namespace ScrapeCluster.Configuration;

/// <summary>A file that a configuration names and that the node will open later: a credential, a certificate, a key.</summary>
public sealed record ReferencedFile(string File, int Line, string Path, string Target, ReferencedFileKind Kind);

public enum ReferencedFileKind
{
    /// <summary>Must be there.</summary>
    Plain,

    /// <summary>A pattern of target group files; when it names none, that is worth a warning only.</summary>
    TargetGroups,
}
