namespace ScrapeCluster.RemoteWrite.Positions;

/// <summary>What was found in a position file.</summary>
/// <param name="Header">Null when it cannot be read.</param>
/// <param name="Shards">As many as the header says; null stands for one that cannot be read.</param>
/// <param name="Sequences">The number of each shard's last write.</param>
/// <param name="Damages">What is wrong with the file; empty when all is well.</param>
internal sealed record PositionsRead(PositionHeader? Header, ShardPosition?[] Shards, ulong[] Sequences, IReadOnlyList<string> Damages)
{
    public static PositionsRead Parse(ReadOnlySpan<byte> file)
    {
        if (!TryReadHeaders(file, out var header, out var damages))
        {
            return new PositionsRead(null, [], [], ["it is no position file, or both of its headers are damaged"]);
        }

        var shards = new ShardPosition?[header.ShardCount];
        var sequences = new ulong[header.ShardCount];
        for (var shard = 0; shard < shards.Length; shard++)
        {
            ReadShard(file, shard, ref shards[shard], ref sequences[shard], damages);
        }

        return new PositionsRead(header, shards, sequences, damages);
    }

    /// <summary>The copy counts only where the length is that of its number of shards: behind another end it would be somebody else's bytes.</summary>
    private static bool TryReadHeaders(ReadOnlySpan<byte> file, out PositionHeader header, out List<string> damages)
    {
        damages = [];
        var isFirst = PositionFormat.TryReadHeader(file, out header);
        var copyAt = Math.Max(0, file.Length - PositionFormat.HeaderLength);
        var isCopy = PositionFormat.TryReadHeader(file[copyAt..], out var copy) && PositionFormat.FileLength(copy.ShardCount) == file.Length;
        if (!isFirst)
        {
            header = copy;
            damages.Add("its first header is damaged");
        }
        else if (!isCopy || copy != header)
        {
            damages.Add($"its last header is damaged, or its length of {file.Length} bytes is not that of {header.ShardCount} shards");
        }

        return isFirst || isCopy;
    }

    private static void ReadShard(ReadOnlySpan<byte> file, int shard, ref ShardPosition? position, ref ulong sequence, List<string> damages)
    {
        for (ulong slot = 0; slot < PositionFormat.SlotsPerShard; slot++)
        {
            var at = PositionFormat.SlotOffset(shard, slot);
            if (at + PositionFormat.SlotLength > file.Length)
            {
                damages.Add($"slot {slot} of shard {shard} is missing");
                continue;
            }

            var bytes = file.Slice((int)at, PositionFormat.SlotLength);
            if (bytes.IndexOfAnyExcept((byte)0) < 0)
            {
                // Not written yet.
                continue;
            }

            if (!PositionFormat.TryReadSlot(bytes, shard, out var number, out var found))
            {
                damages.Add($"slot {slot} of shard {shard} is damaged");
            }
            else if (number > sequence)
            {
                (position, sequence) = (found, number);
            }
        }

        if (position is null)
        {
            damages.Add($"nothing is known of shard {shard}");
        }
    }
}
