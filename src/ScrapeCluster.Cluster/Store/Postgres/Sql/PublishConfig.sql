-- The last versions stay, for whoever wonders what changed.
with next as (
  update scrapecluster.clusters set config_version = config_version + 1 where cluster = @cluster and config_version = @expected returning config_version
), old as (
  delete from scrapecluster.config c using next where c.cluster = @cluster and c.version <= next.config_version - 20
)
insert into scrapecluster.config (cluster, version, payload, published_by, published_at)
select @cluster, config_version, @payload, @published_by, clock_timestamp() from next
returning version
