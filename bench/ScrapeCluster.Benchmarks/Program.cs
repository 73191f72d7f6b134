using System.Globalization;
using BenchmarkDotNet.Running;
using ScrapeCluster.Benchmarks.Actors;
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

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
