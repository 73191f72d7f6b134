namespace ScrapeCluster.SystemTests.Harness;

internal static class FullDisk
{
    /// <summary>A file that takes the last byte of its disk.</summary>
    public static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1);
        for (var size = 1 << 20; size >= 1; size /= 2)
        {
            try
            {
                while (true)
                {
                    file.Write(new byte[size]);
                }
            }
            catch (IOException)
            {
                // Full for this size: try a smaller one.
            }
        }
    }
}
