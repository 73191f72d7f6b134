using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>
/// An open index (version 2). Shared by all threads and immutable; what a query reads goes through an <see cref="IndexCursor"/> of its own.
/// </summary>
internal sealed class IndexReader : IDisposable
{
    public const string FileName = "index";

    private IndexReader(BlockFile file, IndexToc toc, SymbolTable symbols, PostingsTable postings)
    {
        File = file;
        Toc = toc;
        Symbols = symbols;
        Postings = postings;
    }

    public BlockFile File { get; }

    public IndexToc Toc { get; }

    public SymbolTable Symbols { get; }

    public PostingsTable Postings { get; }

    /// <summary>Reads contents, symbols and postings table and checks their checksums; series and postings are checked as they are read.</summary>
    /// <exception cref="BlockDamageException">It is not an index, or is damaged.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IndexReader Open(string path, IDataFiles? files = null)
    {
        var file = BlockFile.Open(path, files);
        try
        {
            var toc = IndexToc.Read(file);
            return new IndexReader(file, toc, SymbolTable.Load(file, toc.Symbols), PostingsTable.Load(file, toc.PostingsTable));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => File.Dispose();
}
