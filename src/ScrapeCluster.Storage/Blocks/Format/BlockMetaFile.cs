using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>
/// <c>meta.json</c>, version 1, in the very form that Prometheus gives it: tabs, its order of fields, what is empty left out. Fields that
/// others added (Thanos and Mimir do) stay where they are when the file is written again.
/// </summary>
internal static class BlockMetaFile
{
    public const string FileName = "meta.json";

    private const int Version = 1;
    private const string TemporarySuffix = ".tmp";

    private static readonly JsonSerializerOptions _stockForm = new()
    {
        WriteIndented = true,
        IndentCharacter = '\t',
        IndentSize = 1,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <exception cref="BlockDamageException">It is not a meta.json of version 1.</exception>
    public static BlockMeta Read(string path, IDataFiles? files = null)
    {
        try
        {
            return ToMeta(Parse(path, files ?? DiskFiles.Instance));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new BlockDamageException(path, 0, $"not the description of a block: {e.Message}");
        }
    }

    public static void WriteNew(IDataFiles files, string path, BlockMeta meta)
    {
        using var file = new BlockFileWriter(files, path);
        file.Write(ToBytes([], meta));
        file.Close();
    }

    /// <summary>Replaces the file of a block in one step; what is not known here is kept.</summary>
    public static void Rewrite(IDataFiles files, string path, BlockMeta meta)
    {
        var temporary = path + TemporarySuffix;
        files.Delete(temporary);
        using (var file = new BlockFileWriter(files, temporary))
        {
            file.Write(ToBytes(Parse(path, files), meta));
            file.Close();
        }

        files.Move(temporary, path);
        files.FlushFolder(Path.GetDirectoryName(path)!);
    }

    private static JsonObject Parse(string path, IDataFiles files)
    {
        var root = JsonNode.Parse(files.ReadAll(path)) as JsonObject ?? throw new FormatException("not a JSON object");
        var version = (int?)root["version"];
        return version == Version ? root : throw new FormatException($"version {version}, only version {Version} is known");
    }

    private static BlockMeta ToMeta(JsonObject root)
    {
        var stats = root["stats"];
        var compaction = root["compaction"];
        return new BlockMeta(
            Id(root["ulid"]),
            (long?)root["minTime"] ?? 0,
            (long?)root["maxTime"] ?? 0,
            new BlockStats(
                (long?)stats?["numSamples"] ?? 0, (long?)stats?["numSeries"] ?? 0, (long?)stats?["numChunks"] ?? 0, (long?)stats?["numTombstones"] ?? 0),
            new BlockCompaction(
                (int?)compaction?["level"] ?? 0,
                [.. Items(compaction?["sources"]).Select(Id)],
                [.. Items(compaction?["parents"]).Select(Parent)],
                (bool?)compaction?["deletable"] ?? false,
                (bool?)compaction?["failed"] ?? false,
                [.. Items(compaction?["hints"]).Select(hint => (string?)hint ?? "")]));
    }

    private static BlockParent Parent(JsonNode? node)
    {
        return new BlockParent(Id(node?["ulid"]), (long?)node?["minTime"] ?? 0, (long?)node?["maxTime"] ?? 0);
    }

    private static JsonArray Items(JsonNode? node) => node as JsonArray ?? [];

    private static Ulid Id(JsonNode? node)
    {
        return Ulid.TryParse((string?)node, out var id) ? id : throw new FormatException($"\"{node}\" is not a ULID");
    }

    private static byte[] ToBytes(JsonObject root, BlockMeta meta)
    {
        root["ulid"] = meta.Id.ToString();
        root["minTime"] = meta.MinMs;
        root["maxTime"] = meta.EndMs;

        var stats = Part(root, "stats");
        Set(stats, "numSamples", meta.Stats.Samples, meta.Stats.Samples != 0);
        Set(stats, "numSeries", meta.Stats.Series, meta.Stats.Series != 0);
        Set(stats, "numChunks", meta.Stats.Chunks, meta.Stats.Chunks != 0);
        Set(stats, "numTombstones", meta.Stats.Tombstones, meta.Stats.Tombstones != 0);

        var compaction = Part(root, "compaction");
        compaction["level"] = meta.Compaction.Level;
        Set(compaction, "sources", Texts(meta.Compaction.Sources.Select(id => id.ToString())), meta.Compaction.Sources.Count > 0);
        Set(compaction, "deletable", true, meta.Compaction.IsDeletable);
        Set(compaction, "parents", Parents(meta.Compaction.Parents), meta.Compaction.Parents.Count > 0);
        Set(compaction, "failed", true, meta.Compaction.HasFailed);
        Set(compaction, "hints", Texts(meta.Compaction.Hints), meta.Compaction.Hints.Count > 0);

        root["version"] = Version;
        return Encoding.UTF8.GetBytes(root.ToJsonString(_stockForm));
    }

    private static JsonObject Part(JsonObject root, string name)
    {
        if (root[name] is JsonObject part)
        {
            return part;
        }

        part = [];
        root[name] = part;
        return part;
    }

    private static void Set(JsonObject part, string name, JsonNode value, bool isTold)
    {
        if (isTold)
        {
            part[name] = value;
        }
        else
        {
            part.Remove(name);
        }
    }

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];

    private static JsonArray Parents(IEnumerable<BlockParent> parents)
    {
        return [.. parents.Select(JsonNode (parent) => new JsonObject { ["ulid"] = parent.Id.ToString(), ["minTime"] = parent.MinMs, ["maxTime"] = parent.EndMs })];
    }
}
