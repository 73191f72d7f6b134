using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace ScrapeCluster.Node.Clustering;

/// <summary>
/// The random name of a data directory, made with it and kept in its file <c>data-id</c>. It tells a node that was started again, whose place is kept for it,
/// from a second node of the same name, which is refused.
/// </summary>
internal static class DataId
{
    public const string FileName = "data-id";

    private const int Bytes = 16;

    /// <summary>The directory's lock must be held: nobody else makes one.</summary>
    public static bool TryOpen(string directory, [NotNullWhen(true)] out string? id, [NotNullWhen(false)] out string? fault)
    {
        var path = Path.Combine(directory, FileName);
        (id, fault) = (null, null);
        try
        {
            if (!File.Exists(path))
            {
                Make(path);
            }

            var text = File.ReadAllText(path).Trim();
            if (text.Length == 2 * Bytes && text.All(char.IsAsciiHexDigit))
            {
                id = text;
                return true;
            }

            fault = $"{path} does not hold the {2 * Bytes} hexadecimal digits that name this data directory: remove the file, and the node gets a new name for it";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fault = $"the name of the data directory cannot be kept in {path}: {e.Message}";
        }

        return false;
    }

    /// <summary>Whole or not at all, and on the disk before it is used: after a crash the same directory must have the same name.</summary>
    private static void Make(string path)
    {
        var unfinished = path + ".tmp";
        using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes)) + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path);
    }
}
