namespace ScrapeCluster.Node.RemoteRead;

/// <summary>Why a remote read is not answered, with the status that Prometheus gives where it knows the case.</summary>
internal sealed record ReadFault(int Status, string Text)
{
    /// <summary>A fault may quote the request, which may be long.</summary>
    private const int MaxTextLength = 4_000;

    /// <summary>As it is sent.</summary>
    public string Line => (Text.Length <= MaxTextLength ? Text : Text[..MaxTextLength] + "...") + "\n";

    public static ReadFault BadRequest(string text) => new(StatusCodes.Status400BadRequest, text);

    public static ReadFault Failed(string text) => new(StatusCodes.Status500InternalServerError, text);

    public static ReadFault Unavailable(string text) => new(StatusCodes.Status503ServiceUnavailable, text);
}
