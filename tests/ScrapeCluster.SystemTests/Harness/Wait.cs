using System.Diagnostics;

namespace ScrapeCluster.SystemTests.Harness;

/// <summary>Waits for conditions of real processes, with a deadline and a message that tells what was seen last.</summary>
internal static class Wait
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(400);

    public static async Task Until(string what, TimeSpan deadline, Func<Task<bool>> condition, Func<string>? lastSeen = null)
    {
        var watch = Stopwatch.StartNew();
        Exception? last = null;
        while (watch.Elapsed < deadline)
        {
            var began = watch.Elapsed;
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

            // Looking is to cost the processes that are waited for little of the machine.
            await Task.Delay(TimeSpan.FromTicks(Math.Clamp(4 * (watch.Elapsed - began).Ticks, Pause.Ticks, LongestPause.Ticks)));
        }

        Assert.Fail($"waited {deadline.TotalSeconds:0.#} s for: {what}; last seen: {lastSeen?.Invoke() ?? last?.Message ?? "condition not met"}");
    }

    public static Task Until(string what, TimeSpan deadline, Func<bool> condition, Func<string>? lastSeen = null)
    {
        return Until(what, deadline, () => Task.FromResult(condition()), lastSeen);
    }
}
