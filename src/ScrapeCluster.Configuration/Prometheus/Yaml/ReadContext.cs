namespace ScrapeCluster.Configuration;

/// <summary>What one load collects, over the main file and every file it names.</summary>
internal sealed class LoadFindings
{
    public List<ConfigFault> Faults { get; } = [];

    public List<string> Warnings { get; } = [];

    public List<ReferencedFile> ReferencedFiles { get; } = [];
}

/// <summary>The file being read: its name for messages, and the directory that its relative paths start from.</summary>
internal sealed class ReadContext(string file, LoadFindings findings, Func<string, string?> environment, IConfigSource source)
{
    public string File { get; } = file;

    public string Directory { get; } = Path.GetDirectoryName(Path.GetFullPath(file)) ?? "/";

    public LoadFindings Findings { get; } = findings;

    public Func<string, string?> Environment { get; } = environment;

    public IConfigSource Source { get; } = source;

    public ReadContext ForFile(string file) => new(file, Findings, Environment, Source);

    public void Fault(int line, int column, string path, string message) => Findings.Faults.Add(new(File, line, column, path, message));

    public void Warn(int line, string path, string message) => Findings.Warnings.Add(new ConfigFault(File, line, 0, path, message).ToString());

    /// <summary>The absolute form of a path in this file. An empty path stays empty; one with a NUL, which names no file, stays as it is.</summary>
    public string Resolve(string path) => path.Length == 0 || path.Contains('\0', StringComparison.Ordinal) ? path : Path.GetFullPath(path, Directory);
}
