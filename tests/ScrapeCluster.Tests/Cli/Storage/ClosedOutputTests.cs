using System.IO.Pipes;
using Microsoft.Win32.SafeHandles;
using ScrapeCluster.Cli;
using ScrapeCluster.Cli.Output;

namespace ScrapeCluster.Tests.Cli.Storage;

/// <summary>What <c>| head</c> does to the verbs.</summary>
public sealed class ClosedOutputTests(OpenDirectory open) : IClassFixture<OpenDirectory>
{
    private readonly string _directory = open.Stored.Path;

    [Theory]
    [InlineData("dump")]
    [InlineData("list")]
    [InlineData("analyze")]
    [InlineData("verify")]
    public void ReaderIsGone_EndsQuietlyWithTheCodeOfABrokenPipe(string verb)
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        pipe.DisposeLocalCopyOfClientHandle();
        using var stream = new FileStream(new SafeFileHandle(pipe.SafePipeHandle.DangerousGetHandle(), ownsHandle: false), FileAccess.Write, 0);
        using var error = new StringWriter();

        var exitCode = CommandTree.Run(["storage", verb, _directory], Stream.Null, StandardOutput.To(stream), error);

        Assert.Equal(141, exitCode);
        Assert.DoesNotContain("error", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Dump_ReaderLeavesAfterTheFirstWrite_ReadsNoMore()
    {
        using var output = new ClosingWriter();
        using var error = new StringWriter();

        Assert.Equal(141, CommandTree.Run(["storage", "dump", _directory], Stream.Null, output, error));

        Assert.True(output.Refused is 1 or 2, $"{output.Refused} writes to nobody");
        Assert.DoesNotContain("error", error.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Takes one write, as long as it may be.</summary>
    private sealed class ClosingWriter : StringWriter
    {
        public int Refused { get; private set; }

        public override void Write(ReadOnlySpan<char> buffer)
        {
            if (GetStringBuilder().Length > 0)
            {
                Refused++;
                throw new OutputClosedException();
            }

            base.Write(buffer);
        }
    }
}
