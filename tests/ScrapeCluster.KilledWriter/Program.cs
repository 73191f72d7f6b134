using System.Globalization;
using System.Text;
using ScrapeCluster.KilledWriter;
using ScrapeCluster.Storage.Wal;

// A process to be killed: opens data directories, each on a thread of its own, checks that they have what was acknowledged before, and appends numbered
// batches, with all maintenance beside, until it is killed, by its parent or by itself at a step that it was told. Standard input has a line for each
// directory, "<directory> <sync> <next> <stage> <step> <moment> <uncertain batches, comma-separated>", and an empty one. Answers, a line each that begins with
// the directory's number: "o <places of the log that could not be read>" it is open and whole; "a <batch>" is acknowledged; "k <stage> <moment> <step>" killed
// by itself; "f <text>" a fault, and the end.
using var output = Console.OpenStandardOutput();
var guard = new Lock();
var threads = new List<Thread>();
while (Console.ReadLine() is { Length: > 0 } line)
{
    var number = threads.Count;
    var job = line.Split(' ');
    threads.Add(new Thread(() => Live(number, job)) { IsBackground = true });
}

threads.ForEach(static thread => thread.Start());
threads.ForEach(static thread => thread.Join());
return 1;

void Live(int number, string[] job)
{
    var point = new KillPoint(Enum.Parse<KillStage>(job[3]), (int)Number(job[4]), Enum.Parse<KillMoment>(job[5]));
    var uncertain = job[6].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Number).ToHashSet();
    var directory = new WrittenDirectory(job[0], Enum.Parse<WalSyncPolicy>(job[1]), Number(job[2]), uncertain, point, line => Say(number, line));
    string fault;
    try
    {
        fault = directory.Write();
    }
    catch (Exception failure)
    {
        fault = failure.ToString().ReplaceLineEndings(" | ");
    }

    Say(number, $"f {fault}");
    Environment.Exit(1);
}

// Past the console's writer: a line is with the parent, or nothing of it.
void Say(int number, string line)
{
    lock (guard)
    {
        output.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{number} {line}\n")));
        output.Flush();
    }
}

static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
