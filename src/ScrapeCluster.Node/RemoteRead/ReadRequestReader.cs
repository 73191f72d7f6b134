using System.Buffers;
using System.IO.Pipelines;
using Google.Protobuf;
using Microsoft.AspNetCore.Http.Features;
using ScrapeCluster.Node.RemoteRead.Wire;
using ScrapeCluster.Storage.Compression;

namespace ScrapeCluster.Node.RemoteRead;

/// <summary>The body of a remote read: a <c>ReadRequest</c> in a snappy block.</summary>
internal static class ReadRequestReader
{
    /// <summary>As Prometheus (storage/remote/codec.go), before and after unpacking: a request names series and holds none.</summary>
    public const int MaxBytes = 32 << 20;

    /// <summary>A request is small, and its reader holds a turn that others wait for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const int NamedTypes = 10;

    /// <summary>What others send and is not used here takes no memory.</summary>
    private static readonly MessageParser<ReadRequest> Parser = ReadRequest.Parser.WithDiscardUnknownFields(true);

    public static async Task<(ReadRequest? Request, ReadFault? Fault)> ReadAsync(HttpContext http, TimeProvider time, CancellationToken cancellation)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = MaxBytes;
        }

        using var tooLong = new CancellationTokenSource(Patience, time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation, tooLong.Token);
        try
        {
            var block = await ReadBodyAsync(http.Request.BodyReader, over.Token);
            return block is null ? (null, TooLarge()) : Parse(block, http.Request);
        }
        catch (BadHttpRequestException e)
        {
            return (null, e.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge() : new ReadFault(e.StatusCode, e.Message));
        }
        catch (OperationCanceledException) when (tooLong.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return (null, new ReadFault(StatusCodes.Status408RequestTimeout, $"the request did not arrive within {Patience.TotalSeconds:0} s"));
        }
    }

    /// <summary>The first type that the caller takes and that is known here; a caller that names none takes samples.</summary>
    public static ReadFault? Negotiate(ReadRequest request, out ReadRequest.Types.ResponseType type)
    {
        type = ReadRequest.Types.ResponseType.Samples;
        if (request.AcceptedResponseTypes.Count == 0)
        {
            return null;
        }

        foreach (var accepted in request.AcceptedResponseTypes)
        {
            if (Enum.IsDefined(accepted))
            {
                type = accepted;
                return null;
            }
        }

        return ReadFault.BadRequest(
            $"server does not support any of the requested response types: [{string.Join(' ', request.AcceptedResponseTypes.Take(NamedTypes))}]; supported: map[SAMPLES:{{}} STREAMED_XOR_CHUNKS:{{}}]");
    }

    /// <summary>Null when it is too large.</summary>
    private static async ValueTask<byte[]?> ReadBodyAsync(PipeReader body, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellation);
            if (read.Buffer.Length > MaxBytes)
            {
                return null;
            }

            if (read.IsCompleted)
            {
                var block = read.Buffer.ToArray();
                body.AdvanceTo(read.Buffer.End);
                return block;
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static (ReadRequest? Request, ReadFault? Fault) Parse(byte[] block, HttpRequest http)
    {
        if (!SnappyDecoder.TryReadLength(block, out var length, out _) || length > (long)block.Length * SnappyDecoder.MaxRatio)
        {
            return (null, Corrupt(http));
        }

        if (length > MaxBytes)
        {
            return (null, TooLarge());
        }

        var message = new byte[length];
        if (!SnappyDecoder.TryDecode(block, message))
        {
            return (null, Corrupt(http));
        }

        if (ReadRequestSize.FaultOf(message) is { } tooMuch)
        {
            return (null, ReadFault.BadRequest(tooMuch));
        }

        try
        {
            return (Parser.ParseFrom(message), null);
        }
        catch (InvalidProtocolBufferException e)
        {
            return (null, ReadFault.BadRequest($"the request is no ReadRequest: {e.Message}{HeadersOf(http)}"));
        }
    }

    private static ReadFault TooLarge() => new(StatusCodes.Status413PayloadTooLarge, $"the request has more than {MaxBytes} bytes, packed or unpacked");

    private static ReadFault Corrupt(HttpRequest http) => ReadFault.BadRequest($"snappy: corrupt input{HeadersOf(http)}");

    /// <summary>Like Prometheus nobody here asks for the right headers; but where the body cannot be read, wrong ones tell why.</summary>
    private static string HeadersOf(HttpRequest http)
    {
        var (type, encoding) = (http.ContentType ?? "", http.Headers.ContentEncoding.ToString());
        var isUsual = (type.Length == 0 || type.StartsWith("application/x-protobuf", StringComparison.OrdinalIgnoreCase)) && encoding is "" or "snappy";
        return isUsual ? "" : $" (it came as Content-Type \"{type}\", Content-Encoding \"{encoding}\", and must be application/x-protobuf in snappy)";
    }
}
