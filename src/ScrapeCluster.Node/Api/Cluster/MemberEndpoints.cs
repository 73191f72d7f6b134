using System.Globalization;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model.ClusterApi;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Node.Reads;

namespace ScrapeCluster.Node.Api;

/// <summary><c>members</c>, <c>leader</c>, <c>events</c>, and the orders to members.</summary>
internal static class MemberEndpoints
{
    private const int DefaultEvents = 100;
    private const int MostEvents = 10_000;

    public static void Map(IEndpointRouteBuilder routes, NodeContext node, Fanout fanout)
    {
        routes.MapGet($"{ClusterEndpoints.Prefix}/members", http => Members(http, node));
        routes.MapGet($"{ClusterEndpoints.Prefix}/leader", http => Leader(http, node));
        routes.MapGet($"{ClusterEndpoints.Prefix}/events", http => Events(http, node));
        MapOrder(routes, node, "down", OrderKind.Down, "{0} is declared dead: it stops scraping, and others take over what it had");
        MapOrder(routes, node, "cordon", OrderKind.Cordon, "{0} keeps what it has and is given nothing more");
        MapOrder(routes, node, "uncordon", OrderKind.Uncordon, "{0} is given targets again");
        routes.MapPost($"{ClusterEndpoints.Prefix}/members/{{name}}/leave", AdminGate.Guard(node, http => Leave(http, node, fanout)));
    }

    private static void MapOrder(IEndpointRouteBuilder routes, NodeContext node, string verb, OrderKind kind, string text)
    {
        routes.MapPost($"{ClusterEndpoints.Prefix}/members/{{name}}/{verb}", AdminGate.Guard(node, http =>
        {
            var name = NameIn(http);
            return StoreOrders.CarryAsync(
                http, node, new OperatorOrder(kind, name), $"there is no member {name}", string.Format(CultureInfo.InvariantCulture, text, name));
        }));
    }

    private static async Task Members(HttpContext http, NodeContext node)
    {
        if (node.Cluster is not { } cluster)
        {
            await ClusterEndpoints.WithoutCluster(http);
            return;
        }

        var picture = cluster.Board.Current;
        var heard = await WithHeartbeatsAsync(cluster, picture, http.RequestAborted);
        var slots = picture.Assignments.Values.GroupBy(row => row.Owner).ToDictionary(rows => rows.Key, rows => rows.Count(), StringComparer.Ordinal);
        var members = heard.OrderBy(member => member.Node, StringComparer.Ordinal).Select(member => new MemberStatus(
            member.Node,
            StateText.Of(member.State),
            member.Node == picture.Lease.Holder,
            member.IsCordoned,
            member.Node == cluster.Node,
            member.Incarnation,
            member.Address,
            member.ApiAddress,
            member.Zone,
            member.Load,
            member.Capacity,
            slots.GetValueOrDefault(member.Node),
            member.SeenAgo.TotalSeconds,
            member.AppliedAssignments,
            member.AppliedConfig,
            member.Version));
        await ClusterEndpoints.Answer(http, new MembersStatus([.. members]), ClusterApiJson.Default.MembersStatus, StaleWarning(node));
    }

    /// <summary>Only the leader reads everybody's heartbeats all the time; another node does when it is asked, and shows what it has when the database does not answer.</summary>
    private static async Task<IReadOnlyList<Member>> WithHeartbeatsAsync(ClusterAccess cluster, ClusterPicture picture, CancellationToken cancellation)
    {
        if (picture.LeaderEpoch is not null || picture.StoreFault is not null)
        {
            return picture.Members;
        }

        try
        {
            return (await cluster.Store.ReadAsync(long.MaxValue, cancellation)).Members;
        }
        catch (StoreUnavailableException)
        {
            return picture.Members;
        }
    }

    private static Task Leader(HttpContext http, NodeContext node)
    {
        if (node.Cluster is not { } cluster)
        {
            return ClusterEndpoints.WithoutCluster(http);
        }

        var picture = cluster.Board.Current;
        var address = picture.Members.FirstOrDefault(member => member.Node == picture.Lease.Holder)?.ApiAddress ?? "";
        var leader = new LeaderStatus(picture.Lease.Holder, picture.Lease.Epoch, picture.Lease.IsExpired, address);
        return ClusterEndpoints.Answer(http, leader, ClusterApiJson.Default.LeaderStatus, StaleWarning(node));
    }

    /// <summary>What is shown is what was read last: while the database is down it may be old.</summary>
    internal static IReadOnlyList<string>? StaleWarning(NodeContext node)
    {
        var picture = node.Cluster!.Board.Current;
        return picture.StoreFault is null
            ? null
            : [$"the database does not answer ({picture.StoreFault}); this is of {ApiTime.Format(picture.ReadAt)}"];
    }

    private static async Task Events(HttpContext http, NodeContext node)
    {
        if (node.Cluster is not { } cluster)
        {
            await ClusterEndpoints.WithoutCluster(http);
            return;
        }

        if (!TryNumber(http, "limit", DefaultEvents, out var limit) || limit is < 1 or > MostEvents || !TryNumber(http, "after", 0, out var after))
        {
            await ApiAnswer.Error(http, ApiError.BadData($"limit must be a number from 1 to {MostEvents}, after the id of an event"));
            return;
        }

        try
        {
            var events = await cluster.Store.ReadEventsAsync(after, (int)limit, http.RequestAborted);
            var shown = events.Select(e => new EventStatus(e.Id, e.At, e.Kind, e.Subject, e.Detail, e.Node, e.Epoch));
            await ClusterEndpoints.Answer(http, new EventsStatus([.. shown]), ClusterApiJson.Default.EventsStatus);
        }
        catch (StoreUnavailableException e)
        {
            await ApiAnswer.Error(http, ApiError.Unavailable(e.Message));
        }
    }

    private static bool TryNumber(HttpContext http, string name, long absent, out long number)
    {
        var text = http.Request.Query[name].ToString();
        number = absent;
        return text.Length == 0 || long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>
    /// The node itself is told, so that its answer can say what goes with it; one that cannot be reached is told through the database, as soon as it reads it.
    /// </summary>
    private static async Task Leave(HttpContext http, NodeContext node, Fanout fanout)
    {
        if (node.Cluster is not { } cluster)
        {
            await ClusterEndpoints.WithoutCluster(http);
            return;
        }

        var name = NameIn(http);
        var keeps = http.Request.Query["keep-serving"] == "true";
        var asked = new TextAsked { Text = keeps ? LeaveQuestion.KeepServing : "" };
        var patience = cluster.Terms.DrainTimeout + Fanout.Patience;
        try
        {
            // A caller that goes away must not stop a node halfway out.
            var answer = await fanout.AskOneAsync(name, Questions.Leave, asked, patience, CancellationToken.None);
            if (answer.Parts is [var part])
            {
                await ClusterEndpoints.Answer(http, part.Part, ClusterApiJson.Default.LeaveStatus);
            }
            else if (answer.Missing[0].IsUnknown || !await cluster.Store.OrderAsync(new OperatorOrder(OrderKind.Leave, name), http.RequestAborted))
            {
                await ApiAnswer.Error(http, ApiError.NotFound($"there is no member {name}"));
            }
            else
            {
                var text = $"{name} does not answer ({answer.Missing[0].Reason}); it is told through the database and leaves when it reads it. If it is dead, use down.";
                await ClusterEndpoints.Answer(http, new LeaveStatus(name, keeps, -1, null, text), ClusterApiJson.Default.LeaveStatus);
            }
        }
        catch (OrderRefusedException e)
        {
            await ApiAnswer.Error(http, ApiError.Unavailable($"node {name} does not do it: {e.Message}"));
        }
        catch (StoreUnavailableException e)
        {
            await ApiAnswer.Error(http, ApiError.Unavailable(e.Message));
        }
    }

    private static string NameIn(HttpContext http) => (string)http.Request.RouteValues["name"]!;
}
