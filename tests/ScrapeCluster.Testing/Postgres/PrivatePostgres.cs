using System.Diagnostics;
using System.Globalization;
using System.Net;
using ScrapeCluster.Testing.Faults;

namespace ScrapeCluster.Testing.Postgres;

/// <summary>
/// A PostgreSQL of our own in a temporary directory: can be stopped, killed and started again on the same port. Debian's package is enough; the server refuses
/// to run as root, so there it runs as user postgres. <c>SCRAPECLUSTER_TEST_POSTGRES</c> names an existing one to use instead, which is never stopped.
/// </summary>
public sealed class PrivatePostgres : IDisposable
{
    public const string Variable = "SCRAPECLUSTER_TEST_POSTGRES";
    private const int StartSeconds = 60;

    private readonly string _folder;
    private readonly string _programs;
    private readonly IPAddress? _outside;

    private PrivatePostgres(string folder, string programs, int port, IPAddress? outside)
    {
        _folder = folder;
        _programs = programs;
        Port = port;
        _outside = outside;
    }

    public int Port { get; }

    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Username=postgres;Database=postgres";

    private string Data => Path.Combine(_folder, "data");

    public static bool IsInstalled => Programs() is not null;

    /// <summary>Null when no server is installed.</summary>
    /// <param name="outside">One more address to listen on.</param>
    /// <param name="subnet">Who may come in there, such as <c>10.1.2.0/24</c>.</param>
    public static PrivatePostgres? TryStart(IPAddress? outside = null, string? subnet = null)
    {
        if (Programs() is not { } programs)
        {
            return null;
        }

        var folder = Directory.CreateTempSubdirectory("postgres-test-").FullName;
        var postgres = new PrivatePostgres(folder, programs, Ports.Free(), outside);
        if (Environment.IsPrivilegedProcess)
        {
            Run("chown", "postgres", folder);
        }

        postgres.AsServer("initdb", "-D", postgres.Data, "-U", "postgres", "-A", "trust", "--no-sync");
        if (subnet is not null)
        {
            File.AppendAllText(Path.Combine(postgres.Data, "pg_hba.conf"), $"host all all {subnet} trust\n");
        }

        postgres.Start();
        return postgres;
    }

    public void Start()
    {
        AsServer("pg_ctl", "-D", Data, "-l", Path.Combine(_folder, "log"), "-w", "-t", $"{StartSeconds}",
            "-o", $"-p {Port} -k {_folder} -c listen_addresses={(_outside is null ? "127.0.0.1" : $"127.0.0.1,{_outside}")} -c fsync=off -c max_connections=200", "start");
    }

    /// <summary>Ends it as <c>pg_ctl stop</c> does: <c>fast</c> in order, <c>immediate</c> as a crash.</summary>
    public void Stop(string mode = "fast") => AsServer("pg_ctl", "-D", Data, "-m", mode, "-w", "stop");

    /// <summary>kill -9 of the server itself; its children end when they see that it is gone.</summary>
    public void Kill()
    {
        var id = int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        var children = Processes.ChildrenOf(id);
        Processes.Kill(id);
        Processes.WaitForEnd([id, .. children], TimeSpan.FromSeconds(StartSeconds));
    }

    public void Dispose()
    {
        try
        {
            Stop("immediate");
        }
        catch (InvalidOperationException)
        {
            // It was stopped by the test.
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static string? Programs()
    {
        var installed = Directory.Exists("/usr/lib/postgresql") ? Directory.EnumerateDirectories("/usr/lib/postgresql") : [];
        return installed.Select(version => Path.Combine(version, "bin")).Order(StringComparer.Ordinal).LastOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")));
    }

    private void AsServer(string program, params string[] arguments)
    {
        var path = Path.Combine(_programs, program);
        if (Environment.IsPrivilegedProcess)
        {
            Run("runuser", ["-u", "postgres", "--", path, .. arguments]);
        }
        else
        {
            Run(path, arguments);
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        // The server inherits what its starter has: it must not hold pipes that somebody waits for the end of.
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", "\"$0\" \"$@\" > /dev/null 2>&1 < /dev/null", program, .. arguments]) { WorkingDirectory = "/" })!;
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
        }
    }
}
