namespace ScrapeCluster.Model;

public enum MatchOp
{
    Equal,
    NotEqual,
    Regex,
    NotRegex,
}
