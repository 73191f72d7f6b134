using System.Globalization;
using BenchmarkDotNet.Running;
using ScrapeCluster.Benchmarks.Actors;
using ScrapeCluster.Benchmarks.Cluster;
using ScrapeCluster.Benchmarks.RemoteWrite;
using ScrapeCluster.Benchmarks.Storage;

if (args is ["actors", ..])
{
    await ActorsMode.RunAsync().ConfigureAwait(false);
    return;
}

if (args is ["head-memory", .. var numbers])
{
    HeadMemory.Run(Number(0, 1_000_000), Number(1, 60));
    return;

    int Number(int index, int otherwise) => numbers.Length > index ? int.Parse(numbers[index], CultureInfo.InvariantCulture) : otherwise;
}

if (args is ["append", .. var rounds])
{
    AppendMode.Run(rounds.Length > 0 ? int.Parse(rounds[0], CultureInfo.InvariantCulture) : 400);
    return;
}

if (args is ["write-log", var directory, .. var amounts])
{
    LogMode.Run(directory, Amount(0, 1_000_000), Amount(1, 50));
    return;

    int Amount(int index, int otherwise) => amounts.Length > index ? int.Parse(amounts[index], CultureInfo.InvariantCulture) : otherwise;
}

if (args is ["blocks", .. var series])
{
    BlockMode.Run(series.Length > 0 ? int.Parse(series[0], CultureInfo.InvariantCulture) : 1_000_000);
    return;
}

if (args is ["block-bytes", .. var load])
{
    BlockBytesMode.Run(Count(0, 5_000), Count(1, 15));
    return;

    int Count(int index, int otherwise) => load.Length > index ? int.Parse(load[index], CultureInfo.InvariantCulture) : otherwise;
}

if (args is ["compaction", .. var shape])
{
    CompactionMode.Run(Part(0, 1_000_000), Part(1, 60));
    return;

    int Part(int index, int otherwise) => shape.Length > index ? int.Parse(shape[index], CultureInfo.InvariantCulture) : otherwise;
}

if (args is ["remote-write", .. var log])
{
    await QueueMode.RunAsync(Item(0, 100_000), Item(1, 100)).ConfigureAwait(false);
    return;

    int Item(int index, int otherwise) => log.Length > index ? int.Parse(log[index], CultureInfo.InvariantCulture) : otherwise;
}

if (args is ["cluster", .. var sizes])
{
    ClusterMode.Run(Size(0, 1_000), Size(1, 1_000_000));
    return;

    int Size(int index, int otherwise) => sizes.Length > index ? int.Parse(sizes[index], CultureInfo.InvariantCulture) : otherwise;
}

if (args is ["encode", .. var counts])
{
    EncodeMode.Run(counts.Length > 0 ? int.Parse(counts[0], CultureInfo.InvariantCulture) : 100_000);
    return;
}

if (args is ["write-requests", .. var wire])
{
    WriteRequestMode.Run(Figure(0, 100), Figure(1, 1_000), Figure(2, 2_000));
    return;

    int Figure(int index, int otherwise) => wire.Length > index ? int.Parse(wire[index], CultureInfo.InvariantCulture) : otherwise;
}

if (args is ["receive", .. var senders])
{
    await ReceiveMode.RunAsync(Value(0, 100), Value(1, 1_000)).ConfigureAwait(false);
    return;

    int Value(int index, int otherwise) => senders.Length > index ? int.Parse(senders[index], CultureInfo.InvariantCulture) : otherwise;
}

if (args is ["readers", .. var length])
{
    Environment.ExitCode = ReadersMode.Run(Argument(0, 60), Argument(1, Environment.TickCount));
    return;

    int Argument(int index, int otherwise) => length.Length > index ? int.Parse(length[index], CultureInfo.InvariantCulture) : otherwise;
}

BenchmarkSwitcher.FromAssembly(typeof(ReceiveMode).Assembly).Run(args);
