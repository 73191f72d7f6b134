using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Google.Protobuf;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Reads;

/// <summary>A question of the cluster's own API, whose parts travel as its JSON.</summary>
internal abstract class JsonQuestion<TPart>(string kind, JsonTypeInfo<TPart> type) : Question<TextAsked, TPart>(kind, TextAsked.Parser)
{
    public override ValueTask<TPart> AnswerAsync(NodeContext node, TextAsked asked, CancellationToken cancellation) => AnswerAsync(node, asked.Text, cancellation);

    public override TPart Read(ByteString body)
    {
        try
        {
            return JsonSerializer.Deserialize(JsonPart.Parser.ParseFrom(body).Json.Span, type) ?? throw new InvalidDataException("there is nothing in it");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    protected override IMessage Write(TPart part) => new JsonPart { Json = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(part, type)) };

    protected abstract ValueTask<TPart> AnswerAsync(NodeContext node, string asked, CancellationToken cancellation);
}
