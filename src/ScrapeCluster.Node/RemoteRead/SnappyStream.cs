using System.IO.Pipelines;
using ScrapeCluster.Storage.Compression;

namespace ScrapeCluster.Node.RemoteRead;

/// <summary>One snappy block out of bytes that come in parts, whose total length is known.</summary>
internal sealed class SnappyStream
{
    private readonly PipeWriter _body;
    private readonly SnappyEncoder _encoder = new();
    private readonly byte[] _piece = new byte[SnappyEncoder.BlockSize];
    private int _pieceLength;

    public SnappyStream(PipeWriter body, long length)
    {
        CheckLength(length);
        _body = body;
        body.Advance(SnappyEncoder.WriteHeader(body.GetSpan(SnappyEncoder.MaxHeaderLength), (uint)length));
    }

    /// <exception cref="InvalidDataException">No reader takes that much.</exception>
    public static void CheckLength(long length)
    {
        if (length > int.MaxValue)
        {
            throw new InvalidDataException($"the answer has {length} bytes or more, and readers take {int.MaxValue} of a message at most: ask for less");
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (!bytes.IsEmpty)
        {
            var part = bytes[..Math.Min(bytes.Length, _piece.Length - _pieceLength)];
            part.Span.CopyTo(_piece.AsSpan(_pieceLength));
            _pieceLength += part.Length;
            bytes = bytes[part.Length..];
            if (_pieceLength == _piece.Length)
            {
                await SendPieceAsync(cancellation);
            }
        }
    }

    public ValueTask EndAsync(CancellationToken cancellation) => SendPieceAsync(cancellation);

    private async ValueTask SendPieceAsync(CancellationToken cancellation)
    {
        _body.Advance(_encoder.EncodePiece(_piece.AsSpan(0, _pieceLength), _body.GetSpan(SnappyEncoder.MaxLength(_pieceLength))));
        _pieceLength = 0;
        await _body.FlushAsync(cancellation);
    }
}
