using ScrapeCluster.Model;

namespace ScrapeCluster.Discovery;

/// <summary>
/// From a provider to its parent: the groups of these sources from now on; a group without targets clears its source, sources
/// not named stay. A provider sends one after its first look, even when it found nothing or failed.
/// </summary>
/// <param name="IsComplete">False when the provider could not see all of its source, and what is missing was never seen.</param>
internal sealed record ProviderUpdate(IReadOnlyList<TargetGroup> Groups, bool IsComplete = true);
