using ScrapeCluster.Cli;

return CommandTree.Run(args, Console.OpenStandardInput(), Console.Out, Console.Error);
