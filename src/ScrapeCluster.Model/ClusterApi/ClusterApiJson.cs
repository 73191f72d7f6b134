using System.Text.Json.Serialization;

namespace ScrapeCluster.Model.ClusterApi;

/// <summary>The JSON of <c>/api/cluster/v1/*</c>, written by nodes and read by <c>scrapectl</c> and by other nodes.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(NodeStatus))]
[JsonSerializable(typeof(MembersStatus))]
[JsonSerializable(typeof(LeaderStatus))]
[JsonSerializable(typeof(EventsStatus))]
[JsonSerializable(typeof(ShardsStatus))]
[JsonSerializable(typeof(IReadOnlyList<SlotLoad>))]
[JsonSerializable(typeof(TargetFates))]
[JsonSerializable(typeof(PlanStatus))]
[JsonSerializable(typeof(ReleaseStatus))]
[JsonSerializable(typeof(PinsStatus))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, IReadOnlyList<FoundGroup>>))]
[JsonSerializable(typeof(ActorsStatus))]
[JsonSerializable(typeof(NodeActorsStatus))]
[JsonSerializable(typeof(RemoteWriteStatus))]
[JsonSerializable(typeof(LeaveStatus))]
[JsonSerializable(typeof(OrderStatus))]
public sealed partial class ClusterApiJson : JsonSerializerContext;
