with next as (
  update scrapecluster.clusters set roster_version = roster_version + 1 where cluster = @cluster
    and exists (select from scrapecluster.members where cluster = @cluster and node = @node and incarnation = @incarnation and state <> 'down')
  returning roster_version
)
update scrapecluster.members set state = @state, since = next.roster_version from next
where cluster = @cluster and node = @node and incarnation = @incarnation and state <> 'down'
