using System.Globalization;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Targets;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;
using ScrapeCluster.Model.ClusterApi;
using ScrapeCluster.Node.Api;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Node.Reads;

/// <summary>
/// Answers "why is this target scraped there, or not at all?", looking where it could be, nearest first:
/// <list type="number">
/// <item>some node scrapes it: where, since when, why there, and how the last scrape went;</item>
/// <item>it is a target that nobody scrapes yet: its slot is placed nowhere, or its owner has not begun;</item>
/// <item>it never became a target: relabelling dropped it, it is invalid, or its job fails.</item>
/// </list>
/// </summary>
internal sealed class TargetFatesReader(NodeContext node, Fanout fanout)
{
    private const int MostTold = 100;

    private readonly List<string> _warnings = [];
    private readonly SlotOwners _owners = node.Owners();

    public async Task<(TargetFates Fates, IReadOnlyList<string>? Warnings)> ReadAsync(string asked, TargetSearch search, CancellationToken cancellation)
    {
        var fates = await ScrapedAsync(asked, cancellation);
        if (fates.Count == 0)
        {
            fates = await StoredAsync(search, cancellation);
        }

        if (fates.Count == 0)
        {
            fates = await NeverTargetsAsync(search, cancellation);
        }

        return (new TargetFates(asked, [.. fates.Take(MostTold)]), _warnings.Count > 0 ? [.. _warnings.Distinct()] : null);
    }

    private async Task<List<TargetFate>> ScrapedAsync(string asked, CancellationToken cancellation)
    {
        var answer = await fanout.AskAllAsync(Questions.Targets, new TargetsAsked { Search = asked }, cancellation);
        _warnings.AddRange(answer.Warnings ?? []);
        return [.. TargetsMerge
            .Merge(answer.Parts, state => RowOf(state.Target), node.Time.GetUtcNow())
            .Select(target => ScrapedFate(target.Node, target.Part.Target))];
    }

    private Assignment? RowOf(TargetSnapshot target) => _owners.RowOf(target.Pool, target.Hash, target.Slot);

    private TargetFate ScrapedFate(string owner, TargetSnapshot target)
    {
        var row = RowOf(target);
        var where = owner.Length > 0 ? $"scraped by {owner}" : "scraped by this node";
        var how = target.Health switch
        {
            TargetHealth.Up => "the last scrape succeeded",
            TargetHealth.Down => $"the last scrape failed: {target.LastError}",
            _ => "not scraped yet",
        };
        var why = row is null ? "" : $", by {(row.Reason.Length > 0 ? row.Reason : "placement")} since {ApiTime.Format(row.EffectiveAt)}";
        return new TargetFate("scraped", $"{where}{why}; {how}", target.Pool, target.ScrapeUrl, Texts(target.Labels))
        {
            Hash = Hex(target.Hash),
            Bucket = row?.Slot.Bucket.Bucket,
            Slot = target.Slot,
            Buckets = row?.Count,
            Owner = owner,
            Since = row?.EffectiveAt,
            Reason = row?.Reason,
            Health = target.Health.ToString().ToLowerInvariant(),
            LastError = target.LastError,
            LastScrape = target.LastScrape,
            NextScrape = target.NextScrape,
        };
    }

    private async Task<List<TargetFate>> StoredAsync(TargetSearch search, CancellationToken cancellation)
    {
        var fates = new List<TargetFate>();
        foreach (var stored in await ReadSetsAsync(cancellation))
        {
            if (!TargetSetCodec.TryDecode(new EncodedTargetSet(stored.Checksum, stored.Payload), out var set, out var fault))
            {
                _warnings.Add($"the stored targets of {stored.Bucket.Key} cannot be read: {fault}");
                continue;
            }

            foreach (var target in set.Targets.Where(target => search.Finds(target.Url, target.Hash, target.Labels, target.DiscoveredLabels)))
            {
                fates.Add(StoredFate(stored.Bucket.Key.Job, target));
            }
        }

        return fates;
    }

    private async Task<IReadOnlyList<StoredTargetSet>> ReadSetsAsync(CancellationToken cancellation)
    {
        if (node.Cluster is not { } cluster)
        {
            return [];
        }

        try
        {
            return await cluster.Store.ReadTargetSetsAsync(null, cancellation).WaitAsync(Fanout.Patience, node.Time, cancellation);
        }
        catch (Exception e) when (e is StoreUnavailableException or TimeoutException)
        {
            _warnings.Add($"the stored targets could not be looked at: {e.Message}");
            return [];
        }
    }

    private TargetFate StoredFate(string job, ScrapeTarget target)
    {
        var row = _owners.RowOf(job, target.Hash, 0);
        var isPlaced = row is { Owner.Length: > 0 };
        var text = row is null ? "a target of the job that is not placed yet: the leader has it, look again in a few seconds"
            : isPlaced ? $"given to {row.Owner} from {ApiTime.Format(row.EffectiveAt)} on, which has not begun, or did not answer"
            : $"placed nowhere: {row.Reason}";
        return new TargetFate(isPlaced || row is null ? "waiting" : "unplaced", text, job, target.Url, Texts(target.Labels))
        {
            Hash = Hex(target.Hash),
            Bucket = row?.Slot.Bucket.Bucket,
            Slot = row?.Slot.Slot,
            Buckets = row?.Count,
            Owner = row?.Owner,
            Since = row?.EffectiveAt,
            Reason = row?.Reason,
        };
    }

    private async Task<List<TargetFate>> NeverTargetsAsync(TargetSearch search, CancellationToken cancellation)
    {
        var answer = await fanout.AskLeaderAsync(Questions.Jobs, new JobsAsked { WithDropped = true }, cancellation);
        _warnings.AddRange(answer.Warnings ?? []);
        var fates = new List<TargetFate>();
        foreach (var job in answer.Parts.SelectMany(part => part.Part))
        {
            fates.AddRange(job.DroppedTargets.Where(labels => search.Finds("", null, labels, labels)).Select(labels => DroppedFate(job.Job, labels)));
            fates.AddRange(job.InvalidTargets.Where(target => search.Finds("", null, target.DiscoveredLabels, target.DiscoveredLabels))
                .Select(target => new TargetFate("invalid", $"not a valid target: {target.Reason}", job.Job, "", Texts(target.DiscoveredLabels))));
            if (job.Failure is not null && search.Finds("", null, Labels.Of(("job", job.Job)), Labels.Empty))
            {
                fates.Add(new TargetFate("job-failed", $"the job is not scraped: {job.Failure}", job.Job, "", new Dictionary<string, string>()));
            }
        }

        return fates;
    }

    private TargetFate DroppedFate(string job, Labels labels)
    {
        var builder = new LabelsBuilder();
        builder.Reset(labels);
        var rules = node.Config.Current.Config.ScrapeConfigs.FirstOrDefault(config => config.JobName == job)?.RelabelConfigs ?? [];
        var steps = RelabelSteps.Walk(rules, builder).ToList();
        if (steps.Count == 0 || steps[^1].Keep)
        {
            return new TargetFate("dropped", "dropped by relabel_configs", job, "", Texts(labels));
        }

        var rule = steps[^1].Rule;
        var sources = string.Join(", ", rule.SourceLabels);
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"dropped by rule {steps.Count} of relabel_configs: action {rule.Action.ToString().ToLowerInvariant()}, source_labels [{sources}], regex {LabelText.Quote(rule.Regex)}");
        return new TargetFate("dropped", text, job, "", Texts(labels)) { Rule = steps.Count };
    }

    private static Dictionary<string, string> Texts(Labels labels) => new(AddressMask.Shown(labels).ToPairs(), StringComparer.Ordinal);

    private static string Hex(ulong hash) => hash.ToString("x16", CultureInfo.InvariantCulture);
}
