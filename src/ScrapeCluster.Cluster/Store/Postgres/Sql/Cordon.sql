with next as (
  update scrapecluster.clusters set roster_version = roster_version + 1 where cluster = @cluster returning roster_version
)
update scrapecluster.members set is_cordoned = true, since = next.roster_version from next where cluster = @cluster and node = @node
