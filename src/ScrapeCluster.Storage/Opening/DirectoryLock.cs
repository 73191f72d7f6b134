using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ScrapeCluster.Storage.Opening;

/// <summary>
/// One process per data directory: an operating system lock on the file <c>lock</c>, which ends with the process however it
/// dies, and which stock Prometheus respects too. The holder's process id stands in <c>lock.pid</c>, since a locked file
/// cannot be read by whoever comes second.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    private const string PidSuffix = ".pid";
    private const int WouldBlockErrno = 11;
    private const int WindowsSharingViolation = unchecked((int)0x80070020);

    private readonly FileStream _file;

    private DirectoryLock(FileStream file)
    {
        _file = file;
    }

    /// <summary>Makes the directory if needed and locks it; the fault says what is wrong and what to do.</summary>
    public static bool TryTake(string directory, [NotNullWhen(true)] out DirectoryLock? taken, [NotNullWhen(false)] out string? fault)
    {
        taken = null;
        var path = Path.Combine(directory, "lock");
        try
        {
            if (File.Exists(directory))
            {
                fault = $"storage path {directory} is a file, not a directory: give another one with --storage.path";
                return false;
            }

            Directory.CreateDirectory(directory);
            taken = new DirectoryLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            NoteHolder(path);
            fault = null;
            return true;
        }
        catch (UnauthorizedAccessException failure)
        {
            fault = $"storage path {directory} cannot be written to ({failure.Message}): change its owner or mode, or give another one with --storage.path";
        }
        catch (IOException failure) when (failure.HResult is WouldBlockErrno or WindowsSharingViolation)
        {
            fault = $"storage path {directory} is in use by {Holder(path)} ({path}): stop it, or give another directory with --storage.path";
        }
        catch (IOException failure)
        {
            fault = $"storage path {directory} cannot be used ({failure.Message}): make room, or give another one with --storage.path";
        }

        return false;
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Only for the message of others: a full disk does not matter here.</summary>
    private static void NoteHolder(string path)
    {
        try
        {
            File.WriteAllText(path + PidSuffix, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            File.Delete(path + PidSuffix);
        }
    }

    private static string Holder(string path)
    {
        try
        {
            return File.ReadAllText(path + PidSuffix).Trim() is { Length: > 0 } pid ? $"process {pid}" : "another process";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "another process";
        }
    }
}
