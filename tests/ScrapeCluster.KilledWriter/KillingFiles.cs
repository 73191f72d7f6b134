using System.Globalization;
using System.Runtime.InteropServices;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.KilledWriter;

/// <summary>The real file system, on which the process kills itself (SIGKILL, so that nothing is flushed and nobody is told) at one step of one stage.</summary>
/// <param name="say">Tells the parent at which step.</param>
internal sealed class KillingFiles(KillPoint point, Func<bool> isHeadBeingWritten, Action<string> say) : IDataFiles
{
    private const int SigKill = 9;

    private int _steps;
    private bool _isOpen;

    /// <summary>Until here all steps were of <see cref="KillStage.Opening"/>; if there were fewer than asked for, this is the last.</summary>
    public void EndOpening()
    {
        _isOpen = true;
        if (point.Stage == KillStage.Opening)
        {
            Kill("end");
        }
    }

    public IDataFile Create(string path)
    {
        var stage = StageOf(path);
        var isSegment = stage == KillStage.Append;
        return new File(this, stage, Step(isSegment ? KillStage.SegmentCut : stage, $"create {path}", () => DiskFiles.Instance.Create(path)), path);
    }

    public IReadableFile OpenToRead(string path) => DiskFiles.Instance.OpenToRead(path);

    public IDataFile Open(string path) => new File(this, StageOf(path), DiskFiles.Instance.Open(path), path);

    public void CreateFolder(string path) => Step(StageOf(path), $"create {path}", () => DiskFiles.Instance.CreateFolder(path));

    public void Move(string from, string to)
    {
        var stage = to.EndsWith(BlockFolder.DeletionSuffix, StringComparison.Ordinal) ? KillStage.BlockDeletion : StageOf(from);
        Step(stage, $"move {from}", () => DiskFiles.Instance.Move(from, to));
    }

    public void Delete(string path)
    {
        var stage = StageOf(path);
        Step(stage == KillStage.Append ? KillStage.LogDeletion : stage, $"delete {path}", () => DiskFiles.Instance.Delete(path));
    }

    public void DeleteFolder(string path)
    {
        if (!Directory.Exists(path))
        {
            return;
        }

        var stage = StageOf(path);
        Step(stage == KillStage.Checkpoint ? KillStage.LogDeletion : stage, $"delete {path}", () => DiskFiles.Instance.DeleteFolder(path));
    }

    public void FlushFolder(string path) => Step(StageOf(path), $"flush {path}", () => DiskFiles.Instance.FlushFolder(path));

    private KillStage StageOf(string path)
    {
        return path switch
        {
            _ when !_isOpen => KillStage.Opening,
            _ when path.Contains(BlockWriter.TemporarySuffix, StringComparison.Ordinal) => BlockStage(),
            _ when path.Contains(BlockFolder.DeletionSuffix, StringComparison.Ordinal) => KillStage.BlockDeletion,
            _ when path.Contains("checkpoint.", StringComparison.Ordinal) => KillStage.Checkpoint,
            _ when path.Contains("chunks_head", StringComparison.Ordinal) => KillStage.ChunkFile,
            _ when path.EndsWith("wal", StringComparison.Ordinal) => KillStage.Checkpoint,
            _ when path.Contains("wal", StringComparison.Ordinal) => KillStage.Append,

            // The data folder: the new name of a block.
            _ => BlockStage(),
        };
    }

    private KillStage BlockStage() => isHeadBeingWritten() ? KillStage.HeadBlock : KillStage.Merge;

    private void Step(KillStage stage, string what, Action step) => Step(stage, what, () =>
    {
        step();
        return 0;
    });

    private T Step<T>(KillStage stage, string what, Func<T> step)
    {
        if (!IsDue(stage))
        {
            return step();
        }

        if (point.Moment == KillMoment.After)
        {
            step();
        }

        Kill(what);
        return default!;
    }

    private bool IsDue(KillStage stage) => stage == point.Stage && Interlocked.Increment(ref _steps) == point.Step;

    private void Kill(string what)
    {
        say(string.Create(CultureInfo.InvariantCulture, $"k {point.Stage} {point.Moment} {what}"));
        _ = Kill(Environment.ProcessId, SigKill);
        Thread.Sleep(Timeout.Infinite);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int processId, int signal);

    private sealed class File(KillingFiles owner, KillStage stage, IDataFile file, string path) : IDataFile
    {
        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            if (!owner.IsDue(stage))
            {
                file.Write(bytes, offset);
                return;
            }

            var arrives = owner.StepPart(bytes.Length);
            file.Write(bytes[..arrives], offset);
            owner.Kill($"write of {arrives} of {bytes.Length} bytes of {path}");
        }

        public void SetLength(long length) => owner.Step(stage, $"length of {path}", () => file.SetLength(length));

        public void FlushToDisk() => owner.Step(stage, $"flush {path}", file.FlushToDisk);

        public void Dispose() => file.Dispose();
    }

    private int StepPart(int length) => point.Moment switch
    {
        KillMoment.Before => 0,
        KillMoment.Within => length / 2,
        _ => length,
    };
}
