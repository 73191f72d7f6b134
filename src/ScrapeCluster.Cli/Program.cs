using ScrapeCluster.Cli;
using ScrapeCluster.Cli.Output;

return CommandTree.Run(args, Console.OpenStandardInput(), StandardOutput.Open(), Console.Error);
