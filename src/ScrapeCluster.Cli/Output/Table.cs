namespace ScrapeCluster.Cli.Output;

/// <param name="IsNumber">Aligned to the right.</param>
/// <param name="IsWide">Shown with <c>-o wide</c> only.</param>
internal sealed record Column<T>(string Header, Func<T, string> Cell, bool IsNumber = false, bool IsWide = false);

/// <summary>Rows in columns as wide as their widest cell, two blanks between them, nothing behind the last: for eyes, and for <c>awk</c>.</summary>
internal static class Table
{
    /// <summary>Stands for nothing, so that every row has as many words as columns of single words.</summary>
    public const string None = "-";

    public static void Write<T>(TextWriter output, IReadOnlyList<T> rows, IReadOnlyList<Column<T>> columns)
    {
        var lines = new List<string[]> { columns.Select(column => column.Header).ToArray() };
        lines.AddRange(rows.Select(row => columns.Select(column => Clean(column.Cell(row))).ToArray()));
        var widths = columns.Select((_, at) => lines.Max(line => line[at].Length)).ToArray();
        foreach (var line in lines)
        {
            var cells = line.Select((cell, at) => columns[at].IsNumber ? cell.PadLeft(widths[at]) : cell.PadRight(widths[at]));
            output.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }

    /// <summary>What a target or a node wrote must not break a line or reach the terminal as a command.</summary>
    public static string Clean(string cell)
    {
        return cell.Length == 0 ? None : string.Concat(cell.Select(c => char.IsControl(c) ? ' ' : c));
    }
}
