using System.Globalization;
using System.Text;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Node.Reads;
using static ScrapeCluster.Node.Page.Html;

namespace ScrapeCluster.Node.Page;

/// <summary>Which node of which cluster the page speaks of, and the way to the others. Nothing on a node that is alone.</summary>
internal static class ClusterBar
{
    /// <summary>Hundreds of links are no list that anybody reads.</summary>
    private const int MostLinks = 50;

    public static void Append(StringBuilder page, NodeContext node)
    {
        if (node.Cluster is not { } cluster || cluster.Board.Current is not { Members.Count: > 1 } picture)
        {
            return;
        }

        var slots = picture.Assignments.Values.Count(row => row.Owner == cluster.Node);
        page.Append(CultureInfo.InvariantCulture, $"<p>Node <b>{Text(cluster.Node)}</b> of cluster <b>{Text(cluster.Terms.Cluster)}</b>, {Text(LeaderOf(picture, cluster.Node))}.");
        page.Append(CultureInfo.InvariantCulture, $" Counts and targets below are those of this node alone, which has {slots} of {picture.Assignments.Count} slots;");
        page.Append(" <a href=\"api/v1/targets\">targets</a> has those of all nodes.");
        AppendOthers(page, [.. picture.Members.Where(member => member.Node != cluster.Node).OrderBy(member => member.Node, StringComparer.Ordinal)]);
        page.Append("</p>");
    }

    private static string LeaderOf(ClusterPicture picture, string self)
    {
        return picture.Lease.IsExpired || picture.Lease.Holder.Length == 0 ? "which nobody leads now"
            : picture.Lease.Holder == self ? "which it leads"
            : $"led by {picture.Lease.Holder}";
    }

    private static void AppendOthers(StringBuilder page, IReadOnlyList<Member> others)
    {
        page.Append(" Other nodes:");
        foreach (var member in others.Take(MostLinks))
        {
            page.Append(' ').Append(member.ApiAddress.Length > 0 ? Link(member.ApiAddress, member.Node) : Text(member.Node));
            page.Append(member.State == MemberState.Up ? "" : $" ({StateText.Of(member.State)})");
        }

        page.Append(others.Count > MostLinks ? string.Create(CultureInfo.InvariantCulture, $" and {others.Count - MostLinks} more") : "");
    }
}
