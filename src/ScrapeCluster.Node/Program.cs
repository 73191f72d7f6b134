using ScrapeCluster.Node.Hosting;

return await NodeProgram.RunAsync(args);
