with next as (
  update scrapecluster.clusters set roster_version = roster_version + 1 where cluster = @cluster returning roster_version
)
delete from scrapecluster.pins where cluster = @cluster and job = @job and bucket = @bucket
