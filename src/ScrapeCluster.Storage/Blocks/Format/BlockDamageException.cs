namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>A place in a file of a block where the bytes are not what the format wants.</summary>
internal sealed record BlockDamage(string Path, long Offset, string Reason)
{
    public override string ToString() => $"{Path} at offset {Offset}: {Reason}";
}

/// <summary>A file of a block cannot be read right. The block is left as it is.</summary>
internal sealed class BlockDamageException(BlockDamage damage) : IOException(damage.ToString())
{
    public BlockDamageException(string path, long offset, string reason) : this(new BlockDamage(path, offset, reason))
    {
    }

    public BlockDamage Damage { get; } = damage;
}
