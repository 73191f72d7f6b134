using System.Diagnostics;

namespace ScrapeCluster.SystemTests.Harness;

/// <summary>Waits for conditions of real processes, with a deadline and a message that tells what was seen last.</summary>
internal static class Wait
{
    public static async Task Until(string what, TimeSpan deadline, Func<Task<bool>> condition, Func<string>? lastSeen = null)
    {
        var watch = Stopwatch.StartNew();
        Exception? last = null;
        while (watch.Elapsed < deadline)
        {
            try
            {
                if (await condition())
                {
                    return;
                }

                last = null;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException or System.Text.Json.JsonException)
            {
                last = e;
            }

            await Task.Delay(50);
        }

        Assert.Fail($"waited {deadline.TotalSeconds:0.#} s for: {what}; last seen: {lastSeen?.Invoke() ?? last?.Message ?? "condition not met"}");
    }

    public static Task Until(string what, TimeSpan deadline, Func<bool> condition, Func<string>? lastSeen = null)
    {
        return Until(what, deadline, () => Task.FromResult(condition()), lastSeen);
    }
}
