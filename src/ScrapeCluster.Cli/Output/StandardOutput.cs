using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ScrapeCluster.Cli.Output;

/// <summary>Nobody reads standard output any more, as when <c>head</c> has its lines. Not a fault: the command ends and says nothing.</summary>
internal sealed class OutputClosedException() : Exception("Standard output was closed by its reader.");

/// <summary>
/// Standard output that tells when its reader went away: the console's own stream takes such writes for done, so that a command would work on to its end for
/// nobody. Only for pipes: a file that several commands write in turn is written at the position that they share, which the console's stream does.
/// </summary>
internal sealed class StandardOutput(FileStream pipe) : Stream
{
    private const int BufferChars = 64 * 1024;
    private const int StandardOutputNumber = 1;

    /// <summary>EPIPE, which the exception has as its number.</summary>
    private const int BrokenPipe = 32;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Every write is passed on at once.</summary>
    public static TextWriter Open()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected)
        {
            return Console.Out;
        }

        var stream = new FileStream(new SafeFileHandle(StandardOutputNumber, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return stream.CanSeek ? Console.Out : To(stream);
    }

    internal static StreamWriter To(FileStream pipe) => new(new StandardOutput(pipe), new UTF8Encoding(false), BufferChars) { AutoFlush = true };

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            pipe.Write(buffer);
        }
        catch (IOException failure) when (failure.HResult == BrokenPipe)
        {
            throw new OutputClosedException();
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
