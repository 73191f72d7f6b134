using System.Diagnostics;
using System.Globalization;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;

namespace ScrapeCluster.Node.Hosting;

/// <summary>
/// The <c>process_*</c> metrics that every exporter of the field has, from <c>/proc/self</c> (proc(5)) where that exists, and the
/// collector's own figures of the runtime.
/// </summary>
internal static class ProcessMetrics
{
    public static void Register(MetricsRegistry metrics, DateTimeOffset startTime)
    {
        metrics.CounterCallback("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", CpuSeconds);
        metrics.GaugeCallback("process_resident_memory_bytes", "Resident memory size in bytes.", () => Environment.WorkingSet);
        metrics.GaugeCallback("process_virtual_memory_bytes", "Virtual memory size in bytes.", () => StatusKilobytes("VmSize:") * 1024);
        metrics.GaugeCallback("process_open_fds", "Number of open file descriptors.", OpenFiles);
        metrics.GaugeCallback("process_max_fds", "Maximum number of open file descriptors.", MaxFiles);
        metrics.GaugeCallback("process_start_time_seconds", "Start time of the process since unix epoch in seconds.", () => startTime.ToUnixTimeMilliseconds() / 1000.0);
        metrics.GaugeCallback("dotnet_gc_heap_bytes", "Memory on the managed heap after the last collection.", () => GC.GetGCMemoryInfo().HeapSizeBytes);
        metrics.GaugeCallback("dotnet_gc_committed_bytes", "Memory committed by the collector.", () => GC.GetGCMemoryInfo().TotalCommittedBytes);
        metrics.CounterCallback("dotnet_gc_pause_seconds_total", "Time that collections stopped the process.", () => GC.GetTotalPauseDuration().TotalSeconds);
        metrics.CounterCallback("dotnet_gc_allocated_bytes_total", "Bytes allocated on the managed heap.", () => GC.GetTotalAllocatedBytes());
        metrics.Callback(MetricType.Counter, "dotnet_gc_collections_total", "Collections by generation.", ["generation"], () =>
            Enumerable.Range(0, GC.MaxGeneration + 1).Select(generation =>
                new Observation(GC.CollectionCount(generation), generation.ToString(CultureInfo.InvariantCulture))));
        metrics.GaugeCallback("dotnet_threadpool_threads", "Threads of the pool.", () => ThreadPool.ThreadCount);
        metrics.GaugeCallback("dotnet_threadpool_queue_length", "Work items that wait for a thread of the pool.", () => ThreadPool.PendingWorkItemCount);
        metrics.Gauges("scrapecluster_build_info", "Version of this build; the value is always 1.", "version", "revision", "runtime")
            .With(BuildInfo.Version, BuildInfo.Revision, BuildInfo.Runtime).Set(1);
    }

    private static double CpuSeconds()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime.TotalSeconds;
    }

    private static double OpenFiles()
    {
        try
        {
            return Directory.EnumerateFileSystemEntries("/proc/self/fd").Count();
        }
        catch (IOException)
        {
            return double.NaN;
        }
    }

    private static double MaxFiles()
    {
        try
        {
            foreach (var line in File.ReadLines("/proc/self/limits"))
            {
                if (line.StartsWith("Max open files", StringComparison.Ordinal))
                {
                    var soft = line["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
                    return double.TryParse(soft, CultureInfo.InvariantCulture, out var limit) ? limit : double.PositiveInfinity;
                }
            }
        }
        catch (IOException)
        {
            // Not Linux.
        }

        return double.NaN;
    }

    private static double StatusKilobytes(string field)
    {
        try
        {
            foreach (var line in File.ReadLines("/proc/self/status"))
            {
                if (line.StartsWith(field, StringComparison.Ordinal))
                {
                    return double.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
                }
            }
        }
        catch (IOException)
        {
            // Not Linux.
        }

        return double.NaN;
    }
}
