select node, incarnation, data_id, address, api_address, zone, state, capacity, load, progress, applied_assignments, applied_config, config_hash,
       highest_epoch, protocol, version, is_cordoned, clock_timestamp() - seen_at
from scrapecluster.members where cluster = @cluster and since > @after order by node collate "C"
