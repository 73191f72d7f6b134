using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Node.Api;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Node.Reads;
using ScrapeCluster.Node.RemoteRead.Wire;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Node.RemoteRead;

/// <summary>
/// <c>POST /api/v1/read</c>: stored samples of the whole cluster for a Prometheus that evaluates queries over them
/// (https://prometheus.io/docs/prometheus/latest/querying/remote_read_api/), as samples or as chunks.
/// </summary>
/// <remarks>
/// A node that is missing when the answer begins is named in the header <see cref="FederateEndpoint.MissingHeader"/>, and the answer is what the others have; one
/// that breaks off later cuts the answer off, which its reader notices. With <c>?partial_response=false</c> a read that misses a node is refused instead.
/// </remarks>
internal sealed class RemoteReadEndpoint(NodeContext node)
{
    private readonly ReadGate _gate = new(node.Settings.Reads.Concurrency, node.Metrics);
    private readonly StoredFanout _fanout = new(node);
    private readonly Counter _passedOver = node.Metrics.Counter(
        "scrapecluster_remote_read_passed_chunks_total", "Chunks of native histograms that were left out of answers of samples.");

    public static void Map(IEndpointRouteBuilder routes, NodeContext node)
    {
        var endpoint = new RemoteReadEndpoint(node);
        routes.MapPost("/api/v1/read", endpoint.ServeAsync);
    }

    private async Task ServeAsync(HttpContext http)
    {
        using var tooLong = new CancellationTokenSource(node.Settings.Reads.Timeout, node.Time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, tooLong.Token);
        ReadFault? fault;
        try
        {
            fault = await AnswerAsync(http, over.Token);
        }
        catch (QueryLimitException e)
        {
            fault = ReadFault.BadRequest(e.IsOfSeries ? e.Message : $"exceeded sample limit ({e.Limit})");
        }
        catch (Exception e) when (e is (SeriesStreamBrokenException or IOException or InvalidDataException) and not BadHttpRequestException && !http.RequestAborted.IsCancellationRequested)
        {
            fault = ReadFault.Failed(e.Message);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            fault = ReadFault.Unavailable($"the read took longer than {node.Settings.Reads.Timeout.TotalSeconds:0.#} s: ask for less, or raise scrapecluster.reads.timeout");
        }

        if (fault is not null)
        {
            await RefuseAsync(http, fault);
        }
    }

    private async Task<ReadFault?> AnswerAsync(HttpContext http, CancellationToken cancellation)
    {
        using var turn = await _gate.EnterAsync(cancellation);
        var (request, fault) = await ReadRequestReader.ReadAsync(http, node.Time, cancellation);
        if (request is null || (fault = ReadRequestReader.Negotiate(request, out var type)) is not null)
        {
            return fault;
        }

        var external = new ExternalLabels(node.Config.Current.Config.Global.ExternalLabels);
        if (!ReadQuestions.TryMake(request, external, LimitsOf(type), out var questions, out fault))
        {
            return fault;
        }

        return type == ReadRequest.Types.ResponseType.Samples
            ? await SendSamplesAsync(http, questions, external, cancellation)
            : await StreamChunksAsync(http, questions, external, cancellation);
    }

    /// <summary>The limit of samples guards the memory that an answer in one piece takes, all its queries together; a stream takes none.</summary>
    private QueryLimits LimitsOf(ReadRequest.Types.ResponseType type)
    {
        var settings = node.Settings.Reads;
        return new QueryLimits(settings.MaxSeries, type == ReadRequest.Types.ResponseType.Samples ? settings.MaxSamples : 0);
    }

    private async Task<ReadFault?> SendSamplesAsync(HttpContext http, IReadOnlyList<StoredQuestion> questions, ExternalLabels external, CancellationToken cancellation)
    {
        var writer = new ReadAnswerWriter();
        var missing = new List<MissingNode>();
        List<long> timestamps = [];
        List<double> values = [];
        long samples = 0;
        foreach (var question in questions)
        {
            writer.BeginResult();
            await using var answer = await _fanout.AskAllAsync(question, cancellation);
            while (await answer.MoveNextAsync())
            {
                timestamps.Clear();
                values.Clear();
                foreach (var chunk in answer.Chunks)
                {
                    if (!FloatChunks.TryRead(chunk, timestamps, values))
                    {
                        _passedOver.Inc();
                    }
                }

                samples += timestamps.Count;
                if (question.Limits.MaxSamples > 0 && samples > question.Limits.MaxSamples)
                {
                    throw QueryLimitException.OfSamples(question.Limits.MaxSamples);
                }

                if (timestamps.Count > 0 || question.IsOfLabels)
                {
                    writer.Add(external.AddTo(answer.Labels), timestamps, values);
                }
            }

            missing.AddRange(answer.Missing);
        }

        if (Tell(http, missing) is { } refusal)
        {
            return refusal;
        }

        http.Response.ContentType = "application/x-protobuf";
        http.Response.Headers.ContentEncoding = "snappy";
        await writer.SendAsync(http.Response.BodyWriter, cancellation);
        return null;
    }

    private async Task<ReadFault?> StreamChunksAsync(HttpContext http, IReadOnlyList<StoredQuestion> questions, ExternalLabels external, CancellationToken cancellation)
    {
        var writer = new FrameWriter(http.Response.BodyWriter, (int)node.Settings.Reads.FrameSizeBytes);
        for (var i = 0; i < questions.Count; i++)
        {
            await using var answer = await _fanout.AskAllAsync(questions[i], cancellation);

            // Before the head goes out: what fails at once, such as a limit, still gets its status.
            var hasSeries = await answer.MoveNextAsync();
            if (i > 0 && answer.Missing.Count > 0)
            {
                throw new SeriesStreamBrokenException($"node {answer.Missing[0].Node} went between two queries: {answer.Missing[0].Reason}");
            }

            if (i == 0)
            {
                if (Tell(http, answer.Missing) is { } refusal)
                {
                    return refusal;
                }

                http.Response.ContentType = "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse";
                await http.Response.StartAsync(cancellation);
            }

            answer.Seal();
            for (; hasSeries; hasSeries = await answer.MoveNextAsync())
            {
                await writer.WriteAsync(i, external.AddTo(answer.Labels), answer.Chunks, cancellation);
            }
        }

        await http.Response.BodyWriter.FlushAsync(cancellation);
        return null;
    }

    /// <summary>Names the missing nodes, or refuses where the caller wants all or nothing.</summary>
    private static ReadFault? Tell(HttpContext http, IReadOnlyList<MissingNode> missing)
    {
        if (missing.Count == 0)
        {
            return null;
        }

        if (http.Request.Query["partial_response"] == "false")
        {
            return ReadFault.Unavailable(string.Join("; ", MissingText.Warnings(missing)!));
        }

        http.Response.Headers[FederateEndpoint.MissingHeader] = string.Join(", ", missing.Select(one => one.Node).Distinct());
        return null;
    }

    /// <summary>An answer that has begun is cut off: its reader must not take it for a whole one.</summary>
    private static Task RefuseAsync(HttpContext http, ReadFault fault)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return Task.CompletedTask;
        }

        http.Response.Clear();
        http.Response.StatusCode = fault.Status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(fault.Line, http.RequestAborted);
    }
}
