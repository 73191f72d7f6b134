using System.Buffers;
using Microsoft.AspNetCore.Http.Features;
using ScrapeCluster.Configuration.Node;

namespace ScrapeCluster.Node.Receiving;

/// <summary>The body of one request in a rented array, whose bytes are taken from what all requests may hold. Disposed of by whoever read it.</summary>
internal sealed class ReceivedBody(ByteBudget budget, RemoteWriteReceiverSettings settings) : IDisposable
{
    private const int FirstBytes = 64 << 10;

    private byte[] _bytes = [];
    private long _taken;
    private int _length;

    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

    /// <summary>Null when it is all here.</summary>
    public async Task<WriteFault?> ReadAsync(HttpContext http, CancellationToken cancellation)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            // The size is looked at here. Kestrel would cut the connection of one that goes beyond, often before its sender has read why, who then tries again.
            size.MaxRequestBodySize = null;
        }

        try
        {
            var announced = http.Request.ContentLength ?? Math.Min(FirstBytes, settings.MaxBodyBytes);
            return announced > settings.MaxBodyBytes ? WriteReceiver.TooLarge(settings, announced)
                : TryGrow((int)announced) ? await ReadPartsAsync(http, cancellation)
                : NoRoom();
        }
        catch (BadHttpRequestException e)
        {
            return new WriteFault(e.StatusCode, e.Message);
        }
    }

    public void Dispose()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }

        budget.Give(_taken);
        _taken = 0;
    }

    private async Task<WriteFault?> ReadPartsAsync(HttpContext http, CancellationToken cancellation)
    {
        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(cancellation);
            var fault = Take(read.Buffer);

            // Also of what is not wanted: an unfinished read would cut the connection before the sender has the answer.
            reader.AdvanceTo(read.Buffer.End);
            if (fault is not null || read.IsCompleted)
            {
                return fault;
            }
        }
    }

    private WriteFault? Take(in ReadOnlySequence<byte> part)
    {
        var needed = _length + part.Length;
        if (needed > settings.MaxBodyBytes)
        {
            return WriteReceiver.TooLarge(settings, needed);
        }

        if (needed > _bytes.Length && !TryGrow((int)Math.Min(settings.MaxBodyBytes, Math.Max(needed, 2L * _bytes.Length))))
        {
            return NoRoom();
        }

        part.CopyTo(_bytes.AsSpan(_length));
        _length += (int)part.Length;
        return null;
    }

    private bool TryGrow(int length)
    {
        if (!budget.TryTake(length - _taken))
        {
            return false;
        }

        _taken = length;
        var grown = ArrayPool<byte>.Shared.Rent(length);
        _bytes.AsSpan(0, _length).CopyTo(grown);
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = grown;
        return true;
    }

    private WriteFault NoRoom() => WriteFault.Unavailable(
        $"the requests under way hold {budget.Taken} of {settings.MaxPendingBytes} bytes: send again later, or raise scrapecluster.remote-write-receiver.max-pending");
}
