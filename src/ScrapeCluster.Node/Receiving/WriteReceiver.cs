using System.Buffers;
using System.Collections.Concurrent;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Compression;

namespace ScrapeCluster.Node.Receiving;

/// <summary>
/// Stores what one request of remote write holds: 1. unpacks it, 2. reads it into one batch, 3. hands that to the storage, 4. sends again, with labels, what
/// the storage has forgotten, 5. says what became of it. A batch is stored as a whole or not at all as far as the log is concerned, so a status from 500 on
/// means that nothing was stored; samples that the storage refuses do not keep it from storing the others, in either protocol.
/// </summary>
internal sealed class WriteReceiver(RemoteWriteReceiverSettings settings, bool describes, SampleIntake intake, KnownSeries known, SeriesKeys keys, ReceiverMetrics metrics, TimeProvider time)
{
    /// <summary>As Prometheus (storage/remote/write_handler.go).</summary>
    private static readonly TimeSpan MaxAhead = TimeSpan.FromMinutes(10);

    private readonly ConcurrentBag<WriteDecoder> _decoders = [];

    /// <param name="block">The request as it came: a snappy block.</param>
    public async Task<WriteAnswer> StoreAsync(WriteMessage message, ReadOnlyMemory<byte> block)
    {
        known.Forget();
        if (!SnappyDecoder.TryReadLength(block.Span, out var length, out _) || length > block.Length * SnappyDecoder.MaxRatio)
        {
            return WriteAnswer.Of(Corrupt());
        }

        if (length > settings.MaxBodyBytes)
        {
            return WriteAnswer.Of(TooLarge(settings, length));
        }

        var unpacked = ArrayPool<byte>.Shared.Rent(length);
        var decoder = _decoders.TryTake(out var used) ? used : new WriteDecoder(known, keys, settings.MaxBodyBytes, describes);
        try
        {
            return SnappyDecoder.TryDecode(block.Span, unpacked.AsSpan(0, length))
                ? await StoreAsync(decoder, message, unpacked.AsMemory(0, length))
                : WriteAnswer.Of(Corrupt());
        }
        catch (AskTimeoutException)
        {
            return WriteAnswer.Of(WriteFault.Unavailable("the storage did not answer in time: send again"));
        }
        catch (OperationCanceledException)
        {
            return WriteAnswer.Of(WriteFault.Unavailable("this node stops: send again"));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(unpacked);
            if (decoder.IsWorthKeeping && _decoders.Count < settings.Concurrency)
            {
                _decoders.Add(decoder);
            }
        }
    }

    public static WriteFault TooLarge(RemoteWriteReceiverSettings settings, long length) => WriteFault.TooLarge(
        $"the request has {length} bytes or more, of which {settings.MaxBodyBytes} are allowed: send fewer samples at a time, or raise {RemoteWriteReceiverSettings.MaxBodySizeKey}");

    private static WriteFault Corrupt() => WriteFault.BadRequest("snappy: corrupt input");

    private async Task<WriteAnswer> StoreAsync(WriteDecoder decoder, WriteMessage message, ReadOnlyMemory<byte> request)
    {
        var batch = intake.Batches.Rent();
        var latestMs = (time.GetUtcNow() + MaxAhead).ToUnixTimeMilliseconds();
        var fault = decoder.Decode(message, request.Span, batch, latestMs);
        var count = batch.Count;
        if (fault is not null || count == 0)
        {
            intake.Batches.Return(batch);
        }

        if (fault is not null)
        {
            return WriteAnswer.Of(fault);
        }

        var refused = 0;
        if (count > 0)
        {
            var result = await intake.Append(batch);
            if (result.Error is { } error)
            {
                return WriteAnswer.Of(WriteFault.Failed(error));
            }

            decoder.Learn(result.NewRefs);
            foreach (var sample in result.Refused)
            {
                Refuse(decoder, sample.Reason, sample.Index, request.Span);
            }

            refused = result.Refused.Length;
            if (result.Unknown.Length > 0)
            {
                var again = intake.Batches.Rent();
                decoder.Resend(result.Unknown, request.Span, again);
                var second = await intake.Append(again);
                if (second.Error is { } secondError)
                {
                    return WriteAnswer.Of(WriteFault.Failed(secondError));
                }

                decoder.Learn(second.NewRefs);
                foreach (var sample in second.Refused)
                {
                    Refuse(decoder, sample.Reason, result.Unknown[sample.Index].Index, request.Span);
                }

                refused += second.Refused.Length;
            }
        }

        return Answer(decoder, message, count - refused, refused);
    }

    private WriteAnswer Answer(WriteDecoder decoder, WriteMessage message, int stored, int refused)
    {
        ref readonly var tally = ref decoder.Tally;
        metrics.Stored(message, stored, tally);
        metrics.Passed(tally);
        if (tally.Histograms > 0)
        {
            decoder.Complain("native histograms are not stored by this version");
        }

        // 1.0 skips series with invalid labels in silence (https://github.com/prometheus/prometheus/blob/main/storage/remote/write_handler.go).
        var isBad = refused + tally.FutureSamples + tally.Histograms > 0 || (message == WriteMessage.V2 && tally.InvalidLabelSamples + tally.EmptySeries + decoder.Problems.Count > 0);
        if (!isBad)
        {
            return new WriteAnswer(StatusCodes.Status204NoContent, null, stored);
        }

        // The others stay, of 1.0 too, where Prometheus rolls the whole request back: no sender tries again what got 400.
        var notStored = refused + tally.FutureSamples + tally.InvalidLabelSamples + tally.Histograms;
        return new WriteAnswer(StatusCodes.Status400BadRequest, $"{string.Join('\n', decoder.Problems)}\nstored {stored} samples, refused {notStored}", stored);
    }

    private void Refuse(WriteDecoder decoder, RefusalReason reason, int index, ReadOnlySpan<byte> request)
    {
        metrics.Refused(reason);
        if (decoder.WantsProblems)
        {
            decoder.Complain($"{TextOf(reason)} for series {SeriesRules.Short(decoder.LabelsAt(index, request))}");
        }
    }

    /// <summary>Prometheus's words, which senders' logs are searched for.</summary>
    private static string TextOf(RefusalReason reason) => reason switch
    {
        RefusalReason.OutOfOrder => "out of order sample",
        RefusalReason.DuplicateTimestamp => "duplicate sample for timestamp",
        _ => "out of bounds",
    };
}

/// <param name="Text">Null on success.</param>
/// <param name="Samples">Stored, for the headers of 2.0.</param>
internal sealed record WriteAnswer(int Status, string? Text, int Samples)
{
    public static WriteAnswer Of(WriteFault fault) => new(fault.Status, fault.Text, 0);
}
