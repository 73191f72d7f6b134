-- Taking and renewing are one compare-and-swap: a lease that is ours and alive keeps its epoch, every other way to hold it makes the next.
with asking as (
  select from scrapecluster.members where cluster = @cluster and node = @node and incarnation = @incarnation and state <> 'down'
), held as (
  insert into scrapecluster.leases as l (cluster, role, holder, incarnation, epoch, expires_at)
  select @cluster, @role, @node, @incarnation, greatest(1, @at_least), clock_timestamp() + @ttl
  where exists (select from asking)
  on conflict (cluster, role) do update
  set epoch = case
        when l.holder = @node and l.incarnation = @incarnation and l.expires_at > clock_timestamp() and l.epoch >= @at_least then l.epoch
        else greatest(l.epoch + 1, @at_least) end,
      holder = @node, incarnation = @incarnation, expires_at = clock_timestamp() + @ttl
  where (l.holder = @node and l.incarnation = @incarnation) or l.holder = '' or l.expires_at <= clock_timestamp() or l.epoch = @early
  returning holder, epoch
), taken as (
  update scrapecluster.clusters set leader_epoch = held.epoch, epoch_began_at = assignment_version from held where cluster = @cluster and @role = 'leader' and leader_epoch <> held.epoch
)
select true, holder, epoch, false from held
union all
select false, l.holder, l.epoch, l.expires_at <= clock_timestamp()
from scrapecluster.leases l where l.cluster = @cluster and l.role = @role and not exists (select from held)
