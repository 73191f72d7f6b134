using System.Diagnostics;
using System.Net;

namespace ScrapeCluster.Testing.Faults;

/// <summary>What a node reaches over one of its links.</summary>
[Flags]
public enum NodeLink
{
    None = 0,
    Database = 1,
    Peers = 2,

    /// <summary>Targets, and who reads the node's API.</summary>
    Targets = 4,
    All = Database | Peers | Targets,
}

/// <summary>
/// Nodes in network namespaces of their own, with one link for each thing that they reach, so that any of them can be cut without the others. A cut link stays
/// up at the node's side and swallows what is sent, as a switch without power does: nothing is refused. Whoever uses it sees the node by its own address.
/// </summary>
public sealed class NodeNetworks : IDisposable
{
    private static readonly NodeLink[] Links = [NodeLink.Database, NodeLink.Peers, NodeLink.Targets];
    private const int FirstNet = 64;
    private const int Nets = 128;
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly int _net;

    public NodeNetworks()
    {
        // The name of the first bridge claims the addresses: others beside it, in this process or another, take the next.
        _net = Enumerable.Range(0, Nets).Select(i => FirstNet + ((Environment.ProcessId + i) % Nets)).First(net => Try(NewBridge(net, Links[0])) is null);
        foreach (var link in Links)
        {
            if (link != Links[0])
            {
                Ip(NewBridge(_net, link));
            }

            Ip("addr", "add", $"{HostAddress(link)}/24", "dev", Bridge(link));
            Ip("link", "set", Bridge(link), "up");
        }

        Ip("link", "add", Hole, "type", "bridge");
    }

    /// <summary>Why there can be none here; null when there can.</summary>
    public static string? Missing()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return "network namespaces need root";
        }

        try
        {
            return Try("netns", "list") is { } fault ? $"ip netns does not work here: {fault}" : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "ip is not installed; scripts/test.sh installs it";
        }
    }

    /// <summary>Where nodes find what is outside of all namespaces: the database, the targets.</summary>
    public IPAddress HostAddress(NodeLink link) => IPAddress.Parse($"{Prefix(link)}.1");

    /// <summary>All nodes of a link, as <c>pg_hba.conf</c> writes it.</summary>
    public string Subnet(NodeLink link) => $"{Prefix(link)}.0/24";

    public IPAddress AddressOf(string node, NodeLink link) => IPAddress.Parse($"{Prefix(link)}.{10 + _numbers[node]}");

    /// <summary>The program and first arguments that run something in the node's namespace, in the very process that was started.</summary>
    public IReadOnlyList<string> Entering(string node) => ["ip", "netns", "exec", Namespace(node)];

    public void Add(string node)
    {
        _numbers.Add(node, _numbers.Count);
        var space = Namespace(node);
        Ip("netns", "add", space);
        Ip("-n", space, "link", "set", "lo", "up");
        foreach (var link in Links)
        {
            var inner = $"{link}".ToLowerInvariant();
            Ip("link", "add", Outer(node, link), "type", "veth", "peer", "name", inner, "netns", space);
            Ip("link", "set", Outer(node, link), "master", Bridge(link), "up");
            Ip("-n", space, "addr", "add", $"{AddressOf(node, link)}/24", "dev", inner);
            Ip("-n", space, "link", "set", inner, "up");
        }
    }

    public void Cut(string node, NodeLink links)
    {
        foreach (var link in Links.Where(link => links.HasFlag(link)))
        {
            // Of no bridge at all it would be the machine's own: the kernel answers ARP on every interface, and a minute later takes the node's packets again.
            Ip("link", "set", Outer(node, link), "master", Hole);
        }
    }

    public void Heal(string node)
    {
        foreach (var link in Links)
        {
            Ip("link", "set", Outer(node, link), "master", Bridge(link));
        }
    }

    public void Dispose()
    {
        foreach (var node in _numbers.Keys)
        {
            Try("netns", "del", Namespace(node));
        }

        foreach (var link in Links)
        {
            Try("link", "del", Bridge(link));
        }

        Try("link", "del", Hole);
    }

    private static void Ip(params string[] arguments)
    {
        if (Try(arguments) is { } fault)
        {
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {fault}");
        }
    }

    /// <summary>Null: it worked.</summary>
    private static string? Try(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : errors.Trim();
    }

    /// <summary>A bridge that is never up, and so passes nothing on.</summary>
    private string Hole => $"sc{_net}hole";

    private string Prefix(NodeLink link) => $"10.{_net}.{(int)link}";

    private static string Bridge(int net, NodeLink link) => $"sc{net}b{(int)link}";

    /// <summary>With an address of its own: else it would be the lowest of its ports', and change for all nodes when that one is cut.</summary>
    private static string[] NewBridge(int net, NodeLink link) => ["link", "add", Bridge(net, link), "address", $"02:5c:00:{net:x2}:{(int)link:x2}:01", "type", "bridge"];

    private string Bridge(NodeLink link) => Bridge(_net, link);

    private string Namespace(string node) => $"sc{_net}-{node}";

    // Names of interfaces are at most 15 characters.
    private string Outer(string node, NodeLink link) => $"sc{_net}v{(int)link}n{_numbers[node]}";
}
