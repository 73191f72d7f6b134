namespace ScrapeCluster.Actors;

internal static class Placeholder;
