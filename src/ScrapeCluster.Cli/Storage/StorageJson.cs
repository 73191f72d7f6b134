using System.Text.Json.Serialization;
using ScrapeCluster.Storage.Offline;

namespace ScrapeCluster.Cli.Storage;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DirectoryListing))]
[JsonSerializable(typeof(Analysis))]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(IReadOnlyList<StartAction>))]
internal sealed partial class StorageJson : JsonSerializerContext;
