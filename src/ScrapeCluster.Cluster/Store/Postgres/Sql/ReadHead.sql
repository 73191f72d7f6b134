select coalesce(l.holder, ''), coalesce(l.epoch, 0), coalesce(l.expires_at <= clock_timestamp(), true), c.assignment_version, c.config_version, clock_timestamp(), c.roster_version,
       c.removed_at, c.epoch_began_at
from scrapecluster.clusters c left join scrapecluster.leases l on l.cluster = c.cluster and l.role = 'leader'
where c.cluster = @cluster
