namespace ScrapeCluster.KilledWriter;

/// <summary>What a step on the disk belongs to.</summary>
internal enum KillStage
{
    /// <summary>None: the parent kills, at any moment.</summary>
    Anywhere,

    /// <summary>Until the directory is open: clean-up, repair, reserving of references.</summary>
    Opening,
    Append,
    SegmentCut,
    Checkpoint,

    /// <summary>Of segments, and of an older checkpoint, behind a new one.</summary>
    LogDeletion,
    ChunkFile,
    HeadBlock,
    Merge,
    BlockDeletion,
}

/// <summary>Where in the step the process ends.</summary>
internal enum KillMoment
{
    Before,

    /// <summary>Of a write, a part arrives.</summary>
    Within,
    After,
}

/// <param name="Step">So many steps of the stage later, from 1 on.</param>
internal sealed record KillPoint(KillStage Stage, int Step, KillMoment Moment);
