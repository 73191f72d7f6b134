# One image for both programs: the node and scrapectl. `dotnet publish` gives the same output that the system tests run.
#   docker build -t scrapecluster .
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props .editorconfig ./
COPY src ./src
COPY hocon ./hocon
RUN dotnet publish src/ScrapeCluster.Node -c Release -o /app --nologo \
 && dotnet publish src/ScrapeCluster.Cli -c Release -o /app --nologo

FROM mcr.microsoft.com/dotnet/aspnet:10.0
# The user that the base image brings; the data directory must be its own before a volume is mounted there.
RUN mkdir /data && chown "$APP_UID" /data && ln -s /app/scrapectl /usr/local/bin/scrapectl
COPY --from=build /app /app
USER $APP_UID
WORKDIR /
VOLUME /data
# 9095: page, API, /metrics. 9096: the other nodes.
EXPOSE 9095 9096
ENV SCRAPECLUSTER_STORAGE_PATH=/data \
    SCRAPECLUSTER_WEB_LISTEN_ADDRESS=:9095 \
    SCRAPECLUSTER_CLUSTER_LISTEN_ADDRESS=:9096
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["scrapectl", "check", "healthy", "--url", "http://127.0.0.1:9095"]
# SIGTERM hands the targets over and flushes remote write before the node ends: give it time (docker stop -t 150).
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/ScrapeCluster.Node"]
