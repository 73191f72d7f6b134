-- The epoch stays: the next holder's is higher.
update scrapecluster.leases set holder = '', expires_at = '-infinity'
where cluster = @cluster and role = @role and holder = @node and incarnation = @incarnation and epoch = @epoch
