using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.SystemTests.RemoteWrite.Cases;

namespace ScrapeCluster.SystemTests.RemoteWrite;

/// <summary>
/// Runs all cases of <see cref="ReceiverFaultTests"/> at once on one node, and reads from its directory what it has stored. Where this user may, the node
/// has a file of host names of its own.
/// </summary>
public sealed class FaultRun : IAsyncLifetime
{
    private const string HostsFile = "hosts";

    private readonly CaseNode _node;
    private IReadOnlyList<string> _stored = [];

    public FaultRun()
    {
        _node = new CaseNode(SenderRun.CasesOf(typeof(ReceiverFaultTests)));
    }

    /// <summary>False where mounts are not for this user.</summary>
    internal bool HasOwnHosts { get; private set; }

    internal CaseNode Node => _node;

    public async ValueTask InitializeAsync()
    {
        if (!Tools.Exists("promtool"))
        {
            return; // each test says so
        }

        _node.Folder.File("ca.pem", ReceiverFaultTests.TrustedPem);
        var hosts = _node.Folder.File(HostsFile, "127.0.0.1 localhost\n");
        string[] before = ["unshare", "-m", "sh", "-c", $"mount --bind {hosts} /etc/hosts && exec \"$@\"", "sh"];
        HasOwnHosts = Tools.Exists("unshare") && (await Tools.RunAsync(before[0], [.. before[1..], "true"])).ExitCode == 0;
        await _node.RunAsync(HasOwnHosts ? before : []);
        _stored = [.. Tools.Plain(await Tools.DumpAsync(_node.DataFolder))];
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    internal CaseRecord Of(SenderCase which)
    {
        Tools.Require("promtool");
        return _node.Of(which);
    }

    /// <summary>What the node has stored of a case's job, as lines <c>{labels} value time</c> without the case's mark.</summary>
    internal IReadOnlyList<string> StoredOf(SenderCase which)
    {
        var mark = $", {CaseNode.Mark}=\"{which.Name}\"";
        return [.. _stored.Where(line => line.Contains(mark, StringComparison.Ordinal)).Select(line => line.Replace(mark, "", StringComparison.Ordinal))];
    }

    internal static void AddHost(CaseSite site, string line) => File.AppendAllText(site.Node.Folder.Sub(HostsFile), line);
}
