with next as (
  update scrapecluster.clusters set roster_version = roster_version + 1 where cluster = @cluster returning roster_version
)
insert into scrapecluster.pins (cluster, job, bucket, node) values (@cluster, @job, @bucket, @node)
on conflict (cluster, job, bucket) do update set node = excluded.node
