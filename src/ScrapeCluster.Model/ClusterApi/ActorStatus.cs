namespace ScrapeCluster.Model.ClusterApi;

/// <summary><c>actors</c> of one node, parents before children.</summary>
public sealed record ActorsStatus(IReadOnlyList<ActorStatus> Actors);

/// <summary><c>actors?node=*</c></summary>
public sealed record NodeActorsStatus(IReadOnlyList<ActorsOfNode> Nodes);

public sealed record ActorsOfNode(string Node, IReadOnlyList<ActorStatus> Actors);

public sealed record ActorStatus(
    string Path, string Type, long MailboxLength, long Processed, long Restarts, double HandlerSeconds, ActorFailureStatus? LastFailure);

public sealed record ActorFailureStatus(DateTimeOffset At, string Error);
