using System.Diagnostics;
using System.Globalization;

namespace ScrapeCluster.Testing.Faults;

/// <summary>Processes that are nobody's children here, by their ids (Linux).</summary>
internal static class Processes
{
    public static IReadOnlyList<int> ChildrenOf(int id)
    {
        return [.. Directory.EnumerateDirectories($"/proc/{id}/task")
            .SelectMany(thread => File.ReadAllText(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
    }

    public static void Kill(int id)
    {
        using var process = Process.GetProcessById(id);
        process.Kill();
    }

    public static void WaitForEnd(IReadOnlyCollection<int> ids, TimeSpan deadline)
    {
        var watch = Stopwatch.StartNew();
        while (ids.Any(IsRunning))
        {
            if (watch.Elapsed > deadline)
            {
                throw new TimeoutException($"of the processes {string.Join(", ", ids)} these still run after {deadline}: {string.Join(", ", ids.Where(IsRunning))}");
            }

            Thread.Sleep(10);
        }
    }

    /// <summary>One that has ended and was not waited for by its parent runs no more.</summary>
    private static bool IsRunning(int id)
    {
        try
        {
            var status = File.ReadAllText($"/proc/{id}/stat");
            return status[status.LastIndexOf(')') + 2] != 'Z';
        }
        catch (IOException)
        {
            return false;
        }
    }
}
