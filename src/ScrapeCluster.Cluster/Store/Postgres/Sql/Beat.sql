-- A compare-and-swap on (node, incarnation, not down), and all that a node wants to know every second, in one round trip.
with beat as (
  update scrapecluster.members
  set load = @load, progress = @progress, applied_assignments = @applied_assignments, applied_config = @applied_config,
      config_hash = @config_hash, highest_epoch = @highest_epoch, seen_at = clock_timestamp()
  where cluster = @cluster and node = @node and incarnation = @incarnation and state <> 'down'
  returning state
)
select coalesce((select state from beat), 'down'), exists (select from beat),
       coalesce(l.holder, ''), coalesce(l.epoch, 0), coalesce(l.expires_at <= clock_timestamp(), true),
       c.assignment_version, c.config_version, clock_timestamp(),
       coalesce((select incarnation from scrapecluster.members where cluster = @cluster and node = @node), 0),
       case when l.holder <> '' then l.expires_at - clock_timestamp() end,
       c.roster_version
from scrapecluster.clusters c left join scrapecluster.leases l on l.cluster = c.cluster and l.role = 'leader'
where c.cluster = @cluster
