namespace ScrapeCluster.Cli.Check;

/// <summary>Asks a node for <c>/-/healthy</c> or <c>/-/ready</c>: what container probes without a shell need.</summary>
internal static class HealthCheck
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    public static int Run(Uri node, string path, TextWriter output)
    {
        using var http = new HttpClient { Timeout = Deadline };
        try
        {
            using var answer = http.Send(new HttpRequestMessage(HttpMethod.Get, new Uri(node, path)), HttpCompletionOption.ResponseHeadersRead);
            if (answer.IsSuccessStatusCode)
            {
                return ExitCodes.Good;
            }

            output.WriteLine($"{node} answers {(int)answer.StatusCode} to {path}");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            output.WriteLine($"{node} does not answer ({e.Message}): is the node running, and is --url its --web.listen-address?");
        }

        return ExitCodes.Faults;
    }
}
