using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Storage.Wal;

/// <summary>The log, opened for its one writer, with what belongs to it.</summary>
internal sealed record OpenedLog(WalWriter Wal, SeriesRefReserve Refs, IDataFiles Files);
