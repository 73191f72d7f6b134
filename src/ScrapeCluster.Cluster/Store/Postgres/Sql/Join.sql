-- Refused (no row) while another data directory of that name is alive; else a new incarnation, which ends the one before.
with lives as (
  select from scrapecluster.members
  where cluster = @cluster and node = @node and data_id <> @data_id and state <> 'down' and seen_at > clock_timestamp() - @alive_within
), next as (
  update scrapecluster.clusters set last_incarnation = last_incarnation + 1, roster_version = roster_version + 1
  where cluster = @cluster and not exists (select from lives)
  returning last_incarnation, roster_version
)
insert into scrapecluster.members as m (cluster, node, incarnation, data_id, address, api_address, zone, state, capacity, protocol, version, seen_at, since)
select @cluster, @node, last_incarnation, @data_id, @address, @api_address, @zone, 'joining', @capacity, @protocol, @version, clock_timestamp(), roster_version
from next
on conflict (cluster, node) do update
set incarnation = excluded.incarnation, data_id = excluded.data_id, address = excluded.address, api_address = excluded.api_address,
    zone = excluded.zone, state = excluded.state, capacity = excluded.capacity, protocol = excluded.protocol, version = excluded.version,
    seen_at = excluded.seen_at, since = excluded.since, load = 0, progress = 0, applied_assignments = 0, applied_config = 0, config_hash = '', highest_epoch = 0
returning incarnation
