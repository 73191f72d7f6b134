namespace ScrapeCluster.Storage.Files;

/// <summary>
/// The disk did not give the bytes of a file. It tells nothing of what they are: nothing may be mended or deleted for it, and a later try may succeed.
/// </summary>
internal sealed class ReadFaultException : IOException
{
    public ReadFaultException(string path, long offset, IOException cause) : base($"{path} cannot be read at offset {offset}: {cause.Message}", cause)
    {
        HResult = cause.HResult;
    }
}
