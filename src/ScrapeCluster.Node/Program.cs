var app = WebApplication.CreateSlimBuilder(args).Build();
app.MapGet("/-/healthy", () => "ScrapeCluster is Healthy.\n");
app.Run();
