namespace ScrapeCluster.Node.Receiving;

/// <summary>Why a request, or a part of it, was not stored, with the status that tells the sender whether to try again: from 500 on it should.</summary>
internal sealed record WriteFault(int Status, string Text)
{
    /// <summary>It may quote labels, which may be long.</summary>
    private const int MaxTextLength = 4_000;

    /// <summary>As it is sent.</summary>
    public string Line => (Text.Length <= MaxTextLength ? Text : Text[..MaxTextLength] + "...") + "\n";

    public static WriteFault BadRequest(string text) => new(StatusCodes.Status400BadRequest, text);

    public static WriteFault TooLarge(string text) => new(StatusCodes.Status413PayloadTooLarge, text);

    public static WriteFault Failed(string text) => new(StatusCodes.Status500InternalServerError, text);

    public static WriteFault Unavailable(string text) => new(StatusCodes.Status503ServiceUnavailable, text);
}
