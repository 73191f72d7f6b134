using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ScrapeCluster.Cli.Output;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Model.ClusterApi;

namespace ScrapeCluster.Cli.Connection;

/// <summary>A node's API as the verbs use it: data out of Prometheus's envelope, or <see cref="CommandFailure"/>.</summary>
internal sealed class NodeClient : IDisposable
{
    private const string Prefix = "api/cluster/v1/";
    private const long MostBytes = 256 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Uri _url;
    private readonly HttpClient _http;

    public NodeClient(Uri url, AdminToken? token, Printer printer)
    {
        _url = url;
        Printer = printer;
        _http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = Patience, AllowAutoRedirect = false })
        {
            BaseAddress = url,
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MostBytes,
        };
        if (token is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Text);
        }
    }

    public Printer Printer { get; }

    public Task<Answer<T>> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation) => SendAsync(HttpMethod.Get, path, type, Patience, cancellation);

    /// <param name="patience">Null: ten seconds.</param>
    public async Task<Answer<T>> SendAsync<T>(HttpMethod method, string path, JsonTypeInfo<T> type, TimeSpan? patience, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(patience ?? Patience);
        try
        {
            using var request = new HttpRequestMessage(method, Prefix + path);
            using var response = await _http.SendAsync(request, deadline.Token);
            var body = await response.Content.ReadAsByteArrayAsync(deadline.Token);
            return Read(response.StatusCode, body, type);
        }
        catch (HttpRequestException e)
        {
            throw new CommandFailure(ExitCodes.Unreachable, $"no node answers at {_url} ({e.Message}): is it running there? Name another with --url");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new CommandFailure(ExitCodes.Unreachable, $"the node at {_url} did not answer within {(patience ?? Patience).TotalSeconds:0} s; what was asked may have happened all the same");
        }
    }

    /// <summary>The name of the node that is asked.</summary>
    public async Task<string> OwnNameAsync(CancellationToken cancellation)
    {
        var status = await GetAsync("status", ClusterApiJson.Default.NodeStatus, cancellation);
        return status.Data.Node.Length > 0 ? status.Data.Node : throw new CommandFailure(ExitCodes.Faults, $"the node at {_url} is not part of a cluster");
    }

    public void Dispose() => _http.Dispose();

    private Answer<T> Read<T>(HttpStatusCode status, byte[] body, JsonTypeInfo<T> type)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.GetProperty("status").GetString() == "error")
            {
                throw Refused(status, root.GetProperty("error").GetString() ?? "");
            }

            var warnings = root.TryGetProperty("warnings", out var list) ? list.EnumerateArray().Select(warning => warning.GetString() ?? "").ToList() : [];
            var data = root.GetProperty("data");
            return new Answer<T>(data.Deserialize(type)!, warnings);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw status == HttpStatusCode.ServiceUnavailable
                ? new CommandFailure(ExitCodes.Faults, $"the node at {_url} is not ready yet: it reads its log, or stops")
                : new CommandFailure(ExitCodes.Faults, $"what answers at {_url} is not a ScrapeCluster node of this version (status {(int)status}): name one with --url");
        }
    }

    private static CommandFailure Refused(HttpStatusCode status, string error)
    {
        return new CommandFailure(status == HttpStatusCode.NotFound ? ExitCodes.NotFound : ExitCodes.Faults, error);
    }
}

internal sealed record Answer<T>(T Data, IReadOnlyList<string> Warnings);
