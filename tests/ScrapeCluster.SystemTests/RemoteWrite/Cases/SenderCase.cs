using System.Globalization;
using System.Text;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.RemoteWrite.Cases;

/// <summary>
/// One case of a sender: a scrape job with one target, whose pages the case says, and, where it says anything about it, a <c>remote_write</c> block that
/// sends what this job scraped, and nothing else, to a path of its own, where requests are answered as the case says. In texts of YAML <c>&lt;exporter&gt;</c>, <c>&lt;receiver&gt;</c>
/// (host and port of each), <c>&lt;port&gt;</c> (the receiver's), <c>&lt;folder&gt;</c> and <c>&lt;path&gt;</c> are filled in.
/// </summary>
internal sealed class SenderCase(Func<int, Page> pages)
{
    public SenderCase(Func<int, string> pages) : this(n => new Page(pages(n)))
    {
    }

    public Func<int, Page> Pages { get; } = pages;

    /// <summary>Set by who runs it: the name of the field that holds it.</summary>
    public string Name { get; set; } = "";

    /// <summary>The job's name where it matters; else the case's.</summary>
    public string? JobName { get; init; }

    /// <summary>More lines of the job.</summary>
    public string Job { get; init; } = "";

    /// <summary>Relabelling rules before the one that marks the target as this case's.</summary>
    public string Relabel { get; init; } = "";

    /// <summary>Where the targets come from.</summary>
    public string Targets { get; init; } = "static_configs: [targets: ['<exporter>']]";

    /// <summary>Where the target is asked, when not at the path of the case's name.</summary>
    public string? ServedPath { get; init; }

    public string Url { get; init; } = DefaultUrl;

    /// <summary>More lines of the <c>remote_write</c> block.</summary>
    public string Queue { get; init; } = "";

    /// <summary>The same from <see cref="CaseNode.ReloadAsync"/> on, where it is another then.</summary>
    public string? LaterQueue { get; init; }

    /// <summary>The block is gone with <see cref="CaseNode.ReloadAsync"/>.</summary>
    public bool EndsAtReload { get; init; }

    /// <summary>Write relabelling rules behind the one that keeps this case's series alone.</summary>
    public string WriteRelabel { get; init; } = "";

    /// <summary>External labels are sent; else they are dropped last of all, as the case's mark is.</summary>
    public bool KeepsExternalLabels { get; init; }

    /// <summary>More <c>remote_write</c> blocks.</summary>
    public string MoreQueues { get; init; } = "";

    /// <summary>A receiver of its own, which may be down without harm to others.</summary>
    public bool HasOwnReceiver { get; init; }

    /// <summary>How requests with samples are answered; null takes all.</summary>
    public Func<ReceivedWrite, WriteAnswer>? Answer { get; init; }

    /// <summary>Before the node starts.</summary>
    public Func<CaseSite, Task>? Prepare { get; init; }

    /// <summary>While it runs.</summary>
    public Func<CaseSite, Task>? Steps { get; init; }

    /// <summary>The node is stopped when all its cases have seen enough.</summary>
    public Func<CaseRecord, bool> Enough { get; init; } = record => record.Served.Count > DefaultPages;

    public const int DefaultPages = 7;

    private const string DefaultUrl = "http://<receiver><path>";

    /// <summary>The others share one, each queue being a reader of everything that is scraped.</summary>
    public bool HasOwnQueue => Queue.Length + WriteRelabel.Length + MoreQueues.Length > 0 || Answer is not null || HasOwnReceiver || KeepsExternalLabels || Url != DefaultUrl;

    /// <summary>A page of many series, each with the page's number.</summary>
    public static string Many(string name, int count, int number)
    {
        var page = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            page.Append(CultureInfo.InvariantCulture, $"{name}{{i=\"{i}\"}} {number}\n");
        }

        return page.ToString();
    }
}
