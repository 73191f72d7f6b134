namespace ScrapeCluster.Cli.Output;

internal enum OutputFormat
{
    Table,
    Wide,
    Json,
}
