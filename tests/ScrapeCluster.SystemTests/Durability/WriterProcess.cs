using System.Diagnostics;
using System.Globalization;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Durability;

/// <summary>
/// The program that appends to directories until it is killed (tests/ScrapeCluster.KilledWriter), started ahead of its time: it waits for its jobs, so that the
/// start of the runtime passes beside the life before.
/// </summary>
internal sealed class WriterProcess : IAsyncDisposable
{
    private readonly Process _process = Process.Start(
        new ProcessStartInfo(Repository.KilledWriter) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>Lets it live until it kills itself, or until the time is over and it is killed from here.</summary>
    /// <returns>What it says of its fault, null when it has none.</returns>
    public async Task<string?> LiveAsync(IReadOnlyList<KilledDirectory> directories, TimeSpan atMost)
    {
        foreach (var directory in directories)
        {
            await _process.StandardInput.WriteLineAsync(directory.Begin());
        }

        await _process.StandardInput.WriteLineAsync();
        await _process.StandardInput.FlushAsync();
        using var limit = new CancellationTokenSource(atMost);
        await using var killing = limit.Token.Register(_process.Kill);
        var errors = _process.StandardError.ReadToEndAsync();
        string? fault = null;
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var of = line.IndexOf(' ');
            fault ??= directories[int.Parse(line.AsSpan(0, of), CultureInfo.InvariantCulture)].Hear(line[of + 1], line[(of + 3)..]);
        }

        await _process.WaitForExitAsync();
        return fault ?? (await errors is { Length: > 0 } error ? error : null);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
