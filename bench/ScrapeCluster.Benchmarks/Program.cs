using BenchmarkDotNet.Running;
using ScrapeCluster.Benchmarks.Actors;

if (args is ["actors", ..])
{
    await ActorsMode.RunAsync().ConfigureAwait(false);
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
