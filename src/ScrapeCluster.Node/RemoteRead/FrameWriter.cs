using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Node.RemoteRead;

/// <summary>
/// Messages of a streamed remote read (STREAMED_XOR_CHUNKS): each a <c>ChunkedReadResponse</c> behind its length as a varint and its CRC-32C, big-endian
/// (https://prometheus.io/docs/prometheus/latest/querying/remote_read_api/, storage/remote/chunked.go). A message holds chunks of one series; a series
/// that is long is in several, cut behind the chunk that went over the limit, as Prometheus cuts.
/// </summary>
internal sealed class FrameWriter(PipeWriter body, int maxFrameBytes)
{
    private const int SeriesField = 1;
    private const int QueryIndexField = 2;
    private const int LabelsField = 1;
    private const int ChunksField = 2;
    private const int MinTimeField = 1;
    private const int MaxTimeField = 2;
    private const int TypeField = 3;
    private const int DataField = 4;

    private const int MaxHeadBytes = 16;

    /// <summary>Sent on at this size; a caller that is slow is waited for there.</summary>
    private const int FlushBytes = 64 * 1024;

    private readonly WireBuffer _series = new();
    private readonly WireBuffer _message = new();
    private readonly WireBuffer _head = new(MaxHeadBytes);

    private int _unsentBytes;

    public async ValueTask WriteAsync(int queryIndex, Labels labels, IReadOnlyList<BlockChunk> chunks, CancellationToken cancellation)
    {
        var room = maxFrameBytes;
        foreach (var label in labels)
        {
            room -= WireBuffer.LabelLength(label);
        }

        var left = room;
        _series.Clear();
        for (var i = 0; i < chunks.Count; i++)
        {
            if (_series.Length == 0)
            {
                _series.Labels(LabelsField, labels);
            }

            left -= Add(chunks[i]);
            if (left <= 0 || i == chunks.Count - 1)
            {
                Frame(queryIndex);
                _series.Clear();
                left = room;
                if (_unsentBytes >= FlushBytes)
                {
                    _unsentBytes = 0;
                    await body.FlushAsync(cancellation);
                }
            }
        }
    }

    private int Add(in BlockChunk chunk)
    {
        var length = WireBuffer.Int64Length(chunk.MinMs) + WireBuffer.Int64Length(chunk.MaxMs)
            + WireBuffer.Int64Length(chunk.Encoding) + WireBuffer.BytesLength(chunk.Data.Length);
        _series.Begin(ChunksField, length);
        _series.Int64(MinTimeField, chunk.MinMs);
        _series.Int64(MaxTimeField, chunk.MaxMs);
        _series.Int64(TypeField, chunk.Encoding);
        _series.Bytes(DataField, chunk.Data.Span);
        return length;
    }

    private void Frame(int queryIndex)
    {
        _message.Clear();
        _message.Bytes(SeriesField, _series.Written);
        _message.Int64(QueryIndexField, queryIndex);
        var message = _message.Written;

        _head.Clear();
        _head.Varint((ulong)message.Length);
        body.Write(_head.Written);
        BinaryPrimitives.WriteUInt32BigEndian(body.GetSpan(sizeof(uint)), WalChecksum.Compute(message));
        body.Advance(sizeof(uint));
        body.Write(message);
        _unsentBytes += message.Length;
    }
}
