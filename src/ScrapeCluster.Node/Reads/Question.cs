using Google.Protobuf;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Reads;

/// <summary>A question as the peers' listener sees it: bytes in, bytes out.</summary>
internal interface IQuestion
{
    string Kind { get; }

    Task<ByteString> AnswerPeerAsync(NodeContext node, ByteString asked, CancellationToken cancellation);
}

/// <summary>
/// A question of the HTTP API to which every node has a part of the answer. The node that a client asks takes its own part as it is, the others' parts
/// over the wire (<see cref="Fanout"/>), and merges them. Stateless.
/// </summary>
/// <typeparam name="TAsked">What is asked, as it travels.</typeparam>
/// <typeparam name="TPart">A part of the answer, as the merge wants it.</typeparam>
internal abstract class Question<TAsked, TPart>(string kind, MessageParser<TAsked> parser) : IQuestion
    where TAsked : IMessage<TAsked>
{
    public string Kind => kind;

    /// <summary>This node's part.</summary>
    public abstract ValueTask<TPart> AnswerAsync(NodeContext node, TAsked asked, CancellationToken cancellation);

    /// <exception cref="InvalidDataException">The bytes are no such part.</exception>
    /// <exception cref="InvalidProtocolBufferException">The same.</exception>
    public abstract TPart Read(ByteString body);

    public async Task<ByteString> AnswerPeerAsync(NodeContext node, ByteString asked, CancellationToken cancellation)
    {
        return Write(await AnswerAsync(node, parser.ParseFrom(asked), cancellation)).ToByteString();
    }

    protected abstract IMessage Write(TPart part);
}
