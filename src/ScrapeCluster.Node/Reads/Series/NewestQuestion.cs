using Google.Protobuf;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Node.Reads;

/// <summary>
/// The newest sample, marker or not, of each selected series within the lookback before an instant that is the same for all nodes.
/// </summary>
internal sealed class NewestQuestion() : Question<NewestAsked, IReadOnlyList<NewestSample>>("newest", NewestAsked.Parser)
{
    public override ValueTask<IReadOnlyList<NewestSample>> AnswerAsync(NodeContext node, NewestAsked asked, CancellationToken cancellation)
    {
        return new ValueTask<IReadOnlyList<NewestSample>>(ReadThread.Run(() => Answer(node, asked)));
    }

    private static IReadOnlyList<NewestSample> Answer(NodeContext node, NewestAsked asked)
    {
        var found = new Dictionary<Model.Labels, NewestSample>();
        var limits = new QueryLimits(node.Settings.Reads.MaxSeries, 0);
        foreach (var selector in Selectors.Parse(asked.Selectors, node.ReplicaLabelOf()))
        {
            foreach (var sample in node.Storage.Query.NewestSamples(selector, asked.AtMs, TimeSpan.FromMilliseconds(asked.LookbackMs), limits))
            {
                found[sample.Labels] = new NewestSample(sample.Labels, sample.TimestampMs, sample.Value, sample.SpacingMs);
            }
        }

        return [.. found.Values];
    }

    public override IReadOnlyList<NewestSample> Read(ByteString body) =>
    [
        .. NewestPart.Parser.ParseFrom(body).Samples.Select(sample => new NewestSample(
            LabelsWire.Read(sample.Labels), sample.TimestampMs, BitConverter.UInt64BitsToDouble(sample.Value), sample.SpacingMs)),
    ];

    protected override IMessage Write(IReadOnlyList<NewestSample> part) => new NewestPart
    {
        Samples =
        {
            part.Select(sample => new NewestMessage
            {
                Labels = LabelsWire.Write(sample.Labels),
                TimestampMs = sample.TimestampMs,
                Value = BitConverter.DoubleToUInt64Bits(sample.Value),
                SpacingMs = sample.SpacingMs,
            }),
        },
    };
}
